-- Evaluation: two policies set against each other on the same prompts, and which policy was promoted by what.
CREATE TABLE head_to_heads (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL REFERENCES projects,
  candidate_id uuid NOT NULL REFERENCES policies,
  baseline_id uuid NOT NULL REFERENCES policies,
  plan jsonb NOT NULL, -- which prompts, how answered, how judged
  reward text, -- who scores beside people: `online`, or the id of a reward model; null: nobody
  state text NOT NULL DEFAULT 'sampling' CHECK (state IN ('sampling', 'judging', 'done', 'failed')),
  problem jsonb,
  measure_job uuid, -- scores by the reward, KL and probe, begun once the responses are there
  measured jsonb, -- what it found besides the numbers of each pair
  round_id uuid,
  created_by uuid REFERENCES people,
  created_at timestamptz NOT NULL,
  ended_at timestamptz
);
CREATE INDEX head_to_heads_project ON head_to_heads (project_id, id DESC);
CREATE INDEX head_to_heads_open ON head_to_heads (id) WHERE state IN ('sampling', 'judging');
CREATE TABLE head_to_head_pairs (
  head_to_head_id uuid NOT NULL REFERENCES head_to_heads,
  prompt_id uuid NOT NULL,
  candidate_sample uuid NOT NULL REFERENCES samples,
  baseline_sample uuid NOT NULL REFERENCES samples,
  trained_on boolean NOT NULL, -- the candidate, or what it came from, has learned from this prompt
  identical boolean NOT NULL DEFAULT false, -- a tie by rule: nobody is asked
  task_id uuid, -- null: not both are drawn, or they are identical
  candidate_score double precision, -- by the reward
  baseline_score double precision,
  log_ratio double precision, -- of the candidate's response, candidate over baseline, summed over its tokens
  tokens int,
  probes jsonb NOT NULL DEFAULT '{}', -- of each reward in question: scores of both answers and of junk
  PRIMARY KEY (head_to_head_id, prompt_id)
);
CREATE INDEX head_to_head_pairs_task ON head_to_head_pairs (task_id) WHERE task_id IS NOT NULL;

CREATE TABLE promotions (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL REFERENCES projects,
  policy_id uuid NOT NULL REFERENCES policies,
  head_to_head_id uuid REFERENCES head_to_heads,
  gates jsonb NOT NULL, -- values, thresholds and verdicts as they stood
  override text, -- why a lead promoted it although a gate did not pass
  promoted_by uuid REFERENCES people,
  at timestamptz NOT NULL
);
CREATE INDEX promotions_project ON promotions (project_id, id DESC);
