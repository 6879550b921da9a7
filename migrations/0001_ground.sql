-- People, projects, and the two logs that everything else leans on: events (what later stations follow) and audit.

CREATE TABLE people (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  email text NOT NULL UNIQUE CHECK (email = lower(email)),
  email_verified boolean NOT NULL DEFAULT false,
  image text,
  organisation_role text NOT NULL DEFAULT 'member' CHECK (organisation_role IN ('owner', 'member')),
  simulated_as text, -- the kind of simulated annotator; null for a human being
  two_factor_enabled boolean NOT NULL DEFAULT false,
  disabled_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

-- The next four are better-auth's, under our names.
CREATE TABLE sessions (
  id uuid PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES people ON DELETE CASCADE,
  token text NOT NULL UNIQUE,
  expires_at timestamptz NOT NULL,
  ip_address text,
  user_agent text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX sessions_person ON sessions (person_id);
CREATE TABLE credentials (
  id uuid PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES people ON DELETE CASCADE,
  account_id text NOT NULL,
  provider_id text NOT NULL,
  access_token text,
  refresh_token text,
  id_token text,
  access_token_expires_at timestamptz,
  refresh_token_expires_at timestamptz,
  scope text,
  password text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (provider_id, account_id)
);
CREATE INDEX credentials_person ON credentials (person_id);
CREATE TABLE verifications (
  id uuid PRIMARY KEY,
  identifier text NOT NULL,
  value text NOT NULL,
  expires_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX verifications_identifier ON verifications (identifier);
CREATE TABLE two_factors (
  id uuid PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES people ON DELETE CASCADE,
  secret text NOT NULL,
  backup_codes text NOT NULL,
  verified boolean NOT NULL DEFAULT true,
  failed_verification_count int NOT NULL DEFAULT 0,
  locked_until timestamptz
);
CREATE INDEX two_factors_person ON two_factors (person_id);

-- How often signing in was tried (rate-limiter-flexible); keys are digests.
CREATE TABLE rate_limits (
  key varchar(255) PRIMARY KEY,
  points int NOT NULL DEFAULT 0,
  expire bigint -- milliseconds since 1970
);

CREATE TABLE projects (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  description text NOT NULL DEFAULT '',
  settings jsonb NOT NULL DEFAULT '{}',
  lease_seconds int NOT NULL DEFAULT 1800 CHECK (lease_seconds BETWEEN 1 AND 86400),
  hash_salt bytea NOT NULL, -- messages are addressed by a hash salted with it: erasing a text leaves nothing to guess
  guideline_version int, -- the published version in force
  demo boolean NOT NULL DEFAULT false,
  archived_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE memberships (
  project_id uuid NOT NULL REFERENCES projects,
  person_id uuid NOT NULL REFERENCES people,
  role text NOT NULL CHECK (role IN ('lead', 'engineer', 'reviewer', 'annotator', 'viewer')),
  skills text[] NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (project_id, person_id)
);
CREATE INDEX memberships_person ON memberships (person_id);

CREATE TABLE api_keys (
  id uuid PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES people ON DELETE CASCADE,
  name text NOT NULL,
  prefix text NOT NULL, -- the part that may be shown again
  hash bytea NOT NULL UNIQUE, -- SHA-256 of the whole key, which is 256 random bits
  project_id uuid REFERENCES projects, -- null: every project of the person
  actions text[], -- null: whatever the person's role may do
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX api_keys_person ON api_keys (person_id);

CREATE TABLE invitations (
  id uuid PRIMARY KEY,
  token_hash bytea NOT NULL UNIQUE,
  email text, -- null: whoever holds the link (the one-time setup link of the owner)
  person_id uuid REFERENCES people, -- set: this person sets a new password with it
  organisation_role text NOT NULL DEFAULT 'member' CHECK (organisation_role IN ('owner', 'member')),
  project_id uuid REFERENCES projects,
  role text CHECK (role IN ('lead', 'engineer', 'reviewer', 'annotator', 'viewer')),
  skills text[] NOT NULL DEFAULT '{}',
  invited_by uuid REFERENCES people, -- null: the operator
  expires_at timestamptz NOT NULL,
  accepted_at timestamptz,
  revoked_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX invitations_project ON invitations (project_id);

CREATE TABLE guideline_drafts (
  project_id uuid PRIMARY KEY REFERENCES projects,
  clauses jsonb NOT NULL DEFAULT '[]',
  revision int NOT NULL DEFAULT 0, -- two editors never overwrite each other unseen
  updated_by uuid REFERENCES people,
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE guideline_versions (
  project_id uuid NOT NULL REFERENCES projects,
  version int NOT NULL,
  clauses jsonb NOT NULL,
  note text NOT NULL DEFAULT '',
  published_by uuid REFERENCES people,
  published_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (project_id, version)
);

-- Followers read in the order (epoch, xid, position), only rows below the oldest running transaction: a row that
-- commits late has a transaction id that no follower has passed. An epoch begins when the data move to a cluster
-- whose transaction ids start anew.
CREATE TABLE epochs (one boolean PRIMARY KEY DEFAULT true CHECK (one), number int NOT NULL);
INSERT INTO epochs (number) VALUES (0);
CREATE FUNCTION current_epoch() RETURNS int LANGUAGE sql STABLE AS 'SELECT number FROM epochs';
CREATE FUNCTION is_settled(row_epoch int, row_xid xid8) RETURNS boolean LANGUAGE sql STABLE AS
  'SELECT row_epoch < current_epoch() OR row_xid < pg_snapshot_xmin(pg_current_snapshot())';

CREATE TABLE events (
  epoch int NOT NULL DEFAULT current_epoch(),
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  position bigint GENERATED ALWAYS AS IDENTITY,
  project_id uuid,
  kind text NOT NULL,
  subject uuid,
  data jsonb NOT NULL DEFAULT '{}',
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (epoch, xid, position)
);
CREATE TABLE followers (
  name text PRIMARY KEY,
  epoch int NOT NULL DEFAULT 0,
  xid xid8 NOT NULL DEFAULT '0',
  position bigint NOT NULL DEFAULT 0,
  handled bigint NOT NULL DEFAULT 0,
  at timestamptz NOT NULL DEFAULT now()
);

-- What was done, by whom: ids and digests only, so that erasing a person never breaks the chain.
CREATE TABLE audit (
  epoch int NOT NULL DEFAULT current_epoch(),
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  position bigint GENERATED ALWAYS AS IDENTITY,
  id uuid NOT NULL,
  at timestamptz NOT NULL,
  actor text NOT NULL, -- a person's id, 'operator' (the command line) or 'system'
  action text NOT NULL,
  subject text NOT NULL,
  project_id uuid,
  before bytea,
  after bytea,
  digest bytea NOT NULL,
  PRIMARY KEY (epoch, xid, position)
);
CREATE INDEX audit_id ON audit (id);
CREATE INDEX audit_project ON audit (project_id, at DESC);
CREATE TABLE audit_chain (
  sequence bigint PRIMARY KEY,
  audit_id uuid NOT NULL UNIQUE,
  link bytea NOT NULL
);
CREATE TABLE audit_head (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  sequence bigint NOT NULL,
  link bytea NOT NULL,
  epoch int NOT NULL DEFAULT 0,
  xid xid8 NOT NULL DEFAULT '0',
  position bigint NOT NULL DEFAULT 0
);
INSERT INTO audit_head (sequence, link) VALUES (0, decode(repeat('00', 32), 'hex'));

-- Called once after the data were brought to another cluster.
CREATE FUNCTION begin_epoch() RETURNS void LANGUAGE sql AS 'UPDATE epochs SET number = number + 1';

-- What users see of a job; pg-boss holds the queue itself.
CREATE TABLE jobs (
  id uuid PRIMARY KEY,
  project_id uuid REFERENCES projects,
  kind text NOT NULL,
  title text NOT NULL,
  input jsonb NOT NULL DEFAULT '{}',
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
  done bigint NOT NULL DEFAULT 0,
  total bigint, -- null: not known
  note text NOT NULL DEFAULT '',
  result jsonb,
  problem jsonb,
  cancel_requested boolean NOT NULL DEFAULT false,
  attempt int NOT NULL DEFAULT 0, -- the run that may write: an older one, still at it after a broken line, may not
  attempts int NOT NULL DEFAULT 3, -- how often it may be tried
  checkpoint jsonb, -- where to go on after a crash
  created_by uuid REFERENCES people,
  created_at timestamptz NOT NULL DEFAULT now(),
  started_at timestamptz,
  ended_at timestamptz
);
CREATE INDEX jobs_project ON jobs (project_id, id DESC);
CREATE INDEX jobs_person ON jobs (created_by, id DESC);
CREATE INDEX jobs_running ON jobs (created_at) WHERE state IN ('waiting', 'running');
-- What open pages are told at once; trimmed after an hour.
CREATE TABLE live_events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  project_id uuid,
  person_id uuid, -- set: for this person alone
  action text NOT NULL, -- what one's role in the project must allow to be told
  topic text NOT NULL,
  data jsonb NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX live_events_at ON live_events (at);
