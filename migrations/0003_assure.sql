-- Derived from annotations alone, and rebuilt from them at any time.
CREATE TABLE consensus (
  project_id uuid NOT NULL,
  targets uuid[] NOT NULL,
  step text NOT NULL,
  attribute text NOT NULL,
  task_id uuid NOT NULL,
  counts jsonb NOT NULL, -- label -> votes: the soft label, undivided
  total int NOT NULL,
  label text, -- null where the leading labels tie
  tied boolean NOT NULL,
  mean double precision, -- of votes that carry a number
  PRIMARY KEY (project_id, targets, step, attribute)
);
CREATE INDEX consensus_task ON consensus (task_id);

-- What reviewers said of a submission.
CREATE TABLE reviews (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL,
  submission_id uuid NOT NULL REFERENCES submissions,
  task_id uuid NOT NULL,
  reviewer_id uuid NOT NULL REFERENCES people,
  assignment_id uuid NOT NULL REFERENCES assignments,
  verdict text NOT NULL CHECK (verdict IN ('accept', 'correct', 'return')),
  reason text NOT NULL DEFAULT '',
  correction uuid REFERENCES submissions,
  seen_at timestamptz,
  at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX reviews_submission ON reviews (submission_id);
CREATE INDEX reviews_project ON reviews (project_id, id);
