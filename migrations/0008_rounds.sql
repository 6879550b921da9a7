-- Rounds: one turn of the loop each, from prompts to a policy that is promoted or not.
CREATE TABLE rounds (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL REFERENCES projects,
  number int NOT NULL,
  plan jsonb NOT NULL,
  policy_id uuid NOT NULL REFERENCES policies, -- what it begins with, trains on from, and is measured against
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'failed', 'done', 'closed')),
  station text NOT NULL, -- where it stands
  reason text, -- why it was closed
  created_by uuid REFERENCES people,
  created_at timestamptz NOT NULL,
  ended_at timestamptz,
  UNIQUE (project_id, number)
);
-- One at a time: the next begins with what this one has made.
CREATE UNIQUE INDEX rounds_under_way ON rounds (project_id) WHERE state IN ('open', 'failed');
CREATE TABLE round_stations (
  round_id uuid NOT NULL REFERENCES rounds,
  station text NOT NULL,
  state text NOT NULL CHECK (state IN ('working', 'blocked', 'done', 'failed')),
  subject uuid, -- the job, snapshot, run, head to head or promotion that does the work
  facts jsonb NOT NULL DEFAULT '{}', -- what its card shows
  problem jsonb,
  accepted_by uuid REFERENCES people, -- who let it go on with what was there
  accepted_why text,
  began_at timestamptz NOT NULL,
  ended_at timestamptz,
  PRIMARY KEY (round_id, station)
);
CREATE TABLE round_tasks (
  round_id uuid NOT NULL REFERENCES rounds,
  task_id uuid NOT NULL REFERENCES tasks,
  PRIMARY KEY (round_id, task_id)
);
