-- Consensus by truth inference: the posterior of each label stands beside the raw counts, from the reliability of people over
-- the whole project. All of it derived from annotations alone.

-- Label -> probability, to four decimals. `label` is the most probable one, null where the leading ones tie; `tied` speaks of the votes.
ALTER TABLE consensus ADD COLUMN soft jsonb NOT NULL DEFAULT '{}';

-- What the project's answers to one attribute teach. An answer that comes later is weighed by it at once; the next fit learns from it.
CREATE TABLE consensus_models (
  project_id uuid NOT NULL REFERENCES projects,
  step text NOT NULL,
  attribute text NOT NULL,
  labels text[] NOT NULL,
  prior double precision[] NOT NULL, -- one a label
  answers int NOT NULL, -- votes on what two people or more judged
  PRIMARY KEY (project_id, step, attribute)
);
CREATE TABLE consensus_people (
  project_id uuid NOT NULL,
  step text NOT NULL,
  attribute text NOT NULL,
  person_id uuid NOT NULL,
  answer double precision[] NOT NULL, -- true label x label given
  accuracy double precision NOT NULL,
  low double precision NOT NULL,
  high double precision NOT NULL,
  answers int NOT NULL,
  PRIMARY KEY (project_id, step, attribute, person_id),
  FOREIGN KEY (project_id, step, attribute) REFERENCES consensus_models ON DELETE CASCADE
);

-- Which projects have changed since they were fitted last, and when the next fit may begin.
CREATE TABLE consensus_fits (
  project_id uuid PRIMARY KEY REFERENCES projects,
  changed bigint NOT NULL DEFAULT 1,
  fitted bigint NOT NULL DEFAULT 0,
  fitted_at timestamptz,
  took_ms int NOT NULL DEFAULT 0,
  claimed_until timestamptz -- somebody is at it; whoever died leaves it to the next
);
INSERT INTO consensus_fits (project_id) SELECT DISTINCT project_id FROM consensus;
