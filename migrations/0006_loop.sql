-- The loop: models of our own, the datasets that they learn from, and the runs that make them.

-- A model that a run has made. Its files lie under the data folder; it answers (a policy) or gives scores (a reward model).
CREATE TABLE checkpoints (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL REFERENCES projects,
  name text NOT NULL,
  head text NOT NULL CHECK (head IN ('lm', 'scalar')),
  path text NOT NULL, -- below the data folder
  base text NOT NULL, -- what it was trained from: a preset, a catalogue's name, or the checkpoint of `base_id`
  base_id uuid REFERENCES checkpoints,
  run_id uuid,
  parameters bigint NOT NULL,
  bytes bigint NOT NULL,
  hash bytea NOT NULL, -- of its files' hashes
  facts jsonb NOT NULL DEFAULT '{}', -- algorithm, licence, what was measured at its end
  archived_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (project_id, name)
);
ALTER TABLE policies ADD COLUMN checkpoint_id uuid REFERENCES checkpoints;

-- A dataset as it was at one moment: never changed, addressed by a hash of its content. Without a hash it is being made.
CREATE TABLE snapshots (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL REFERENCES projects,
  name text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('preference', 'demonstration')),
  filters jsonb NOT NULL,
  hash bytea,
  counts jsonb,
  card text,
  round_id uuid,
  created_by uuid REFERENCES people,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (project_id, name),
  CHECK ((hash IS NULL) = (counts IS NULL) AND (hash IS NULL) = (card IS NULL))
);
CREATE TABLE snapshot_rows (
  snapshot_id uuid NOT NULL REFERENCES snapshots,
  row int NOT NULL,
  split text NOT NULL CHECK (split IN ('train', 'test')),
  prompt_id uuid NOT NULL,
  message_id uuid NOT NULL, -- the last turn of the prompt
  chosen uuid NOT NULL, -- of a demonstration: the response to learn
  rejected uuid,
  margin real, -- strength of the preference, 0 to 3
  soft real, -- share of people (weighted as the filters say) who prefer what was chosen; a tie counts half
  annotations uuid[] NOT NULL, -- those it rests on
  digest bytea NOT NULL, -- of its texts and labels; the snapshot's hash is that of all digests in their order
  PRIMARY KEY (snapshot_id, row)
);

CREATE FUNCTION snapshots_never_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.hash IS NOT NULL THEN RAISE EXCEPTION 'a dataset is never changed: take another'; END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER snapshots_never_change BEFORE UPDATE OR DELETE ON snapshots
  FOR EACH ROW EXECUTE FUNCTION snapshots_never_change();
CREATE FUNCTION snapshot_rows_never_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM gone g JOIN snapshots s ON s.id = g.snapshot_id WHERE s.hash IS NOT NULL)
  THEN RAISE EXCEPTION 'a dataset is never changed: take another'; END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER snapshot_rows_stay AFTER DELETE ON snapshot_rows
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION snapshot_rows_never_change();
CREATE TRIGGER snapshot_rows_are_kept AFTER UPDATE ON snapshot_rows
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION snapshot_rows_never_change();

-- What a prompt's text comes to, computed once: texts never change.
CREATE TABLE prompt_prints (
  prompt_id uuid PRIMARY KEY,
  project_id uuid NOT NULL,
  digest bytea NOT NULL, -- of its turns, without the project's salt: the same prompt elsewhere has the same
  sketch bytea NOT NULL -- two prompts agree in about as many places as they share of their words
);
CREATE INDEX prompt_prints_project ON prompt_prints (project_id, digest);

-- Active choice: which open tasks were moved ahead, and how each came there.
CREATE TABLE active_choices (
  task_id uuid PRIMARY KEY,
  project_id uuid NOT NULL,
  arm text NOT NULL CHECK (arm IN ('chosen', 'arrival')), -- by its score, or as it came: what measures honestly
  score real NOT NULL,
  position bigint NOT NULL, -- its own place in the queue
  ahead boolean NOT NULL, -- still there
  at timestamptz NOT NULL
);
CREATE INDEX active_choices_ahead ON active_choices (project_id) WHERE ahead;
CREATE INDEX active_choices_project ON active_choices (project_id, arm);
CREATE TABLE active_state (
  project_id uuid PRIMARY KEY,
  seq int NOT NULL, -- how much the reward had learned when the choice was made
  at timestamptz NOT NULL
);

ALTER TABLE exports ADD COLUMN subject uuid; -- the dataset that a file is a form of

CREATE TABLE runs (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL REFERENCES projects,
  job_id uuid,
  name text NOT NULL,
  algorithm text NOT NULL,
  engine text NOT NULL DEFAULT 'embedded',
  spec jsonb NOT NULL, -- what the engine is told, without its paths
  snapshot_id uuid REFERENCES snapshots,
  base text NOT NULL,
  base_id uuid REFERENCES checkpoints,
  reward_id uuid REFERENCES checkpoints, -- online algorithms: what scores the samples; null: the reward that learns while people work
  reward_seq int, -- of that one: the last pair it had learned when it scored
  round_id uuid,
  forked_from uuid REFERENCES runs,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'stopped', 'done', 'failed')),
  checkpoint_id uuid REFERENCES checkpoints,
  summary jsonb, -- its last event
  problem jsonb,
  created_by uuid REFERENCES people,
  created_at timestamptz NOT NULL DEFAULT now(),
  started_at timestamptz,
  ended_at timestamptz,
  UNIQUE (project_id, name)
);
CREATE INDEX runs_project ON runs (project_id, id DESC);
CREATE INDEX runs_round ON runs (round_id) WHERE round_id IS NOT NULL;
CREATE TABLE run_events (
  run_id uuid NOT NULL REFERENCES runs,
  seq int NOT NULL,
  event jsonb NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (run_id, seq)
);
