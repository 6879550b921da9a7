-- What a gold task should be answered with. The key stands apart from the task: nothing that annotators work with reads it.
CREATE TABLE gold_keys (
  task_id uuid PRIMARY KEY REFERENCES tasks,
  project_id uuid NOT NULL REFERENCES projects,
  expected jsonb NOT NULL, -- [{step, targets, attribute, label}], as consensus is keyed
  explanation text NOT NULL,
  made_of uuid[] NOT NULL, -- submissions that the key was taken from: they prove nothing about those who sent them
  purpose_before text NOT NULL, -- what the task is for again when it is gold no longer
  set_by uuid NOT NULL REFERENCES people,
  set_at timestamptz NOT NULL
);
CREATE INDEX gold_keys_list ON gold_keys (project_id, task_id);

-- From this moment the person knows the expected answer: whatever is undone and sent again, this submission counts.
CREATE TABLE gold_explained (
  assignment_id uuid PRIMARY KEY REFERENCES assignments,
  submission_id uuid NOT NULL REFERENCES submissions,
  at timestamptz NOT NULL
);
