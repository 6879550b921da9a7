-- The reward that learns while people work: derived from annotations in the order of the event log, and rebuilt from it.

-- One row a preference between two responses. Predictions are those of just before it was learned, and speak of `first`.
CREATE TABLE reward_pairs (
  project_id uuid NOT NULL,
  seq int NOT NULL, -- place in the order of learning
  annotation_id uuid NOT NULL,
  task_id uuid NOT NULL,
  first uuid NOT NULL, -- in the order in which the task stores its targets: drawn, so that it tells nothing
  second uuid NOT NULL,
  outcome real NOT NULL, -- 1: first was preferred, 0: second, 1/2: a tie
  first_on_left boolean, -- null where the screen is not known
  in_force boolean NOT NULL, -- those that are not keep their place: an answer can come back
  fresh boolean, -- nobody's judgement of these two had been learned before: the prediction could not know
  predicted double precision,
  deviation real, -- of the log-odds
  by_length real, -- what "the longer one wins" says
  by_side real, -- what "the side chosen most often so far" says
  PRIMARY KEY (project_id, seq)
) WITH (fillfactor = 80);
CREATE INDEX reward_pairs_task ON reward_pairs (task_id);
CREATE INDEX reward_pairs_judged ON reward_pairs (project_id, least(first, second), greatest(first, second), seq);

CREATE TABLE reward_state (
  project_id uuid PRIMARY KEY,
  revision uuid NOT NULL, -- another with every change: what a process has in memory is of this state or of none
  seq int NOT NULL DEFAULT 0,
  at timestamptz NOT NULL DEFAULT now()
);

-- The model after a pair: where learning goes on from after a restart, or after an answer was withdrawn.
CREATE TABLE reward_snapshots (
  project_id uuid NOT NULL,
  seq int NOT NULL,
  lefts int NOT NULL,
  rights int NOT NULL,
  model bytea NOT NULL,
  PRIMARY KEY (project_id, seq)
);
-- Weights do not compress.
ALTER TABLE reward_snapshots ALTER COLUMN model SET STORAGE EXTERNAL;
