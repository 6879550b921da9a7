-- What people report of tasks: each report stands open until somebody has dealt with it and said how.
CREATE TABLE flags (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL,
  task_id uuid NOT NULL REFERENCES tasks,
  assignment_id uuid NOT NULL REFERENCES assignments, -- whose report it is
  reason text NOT NULL,
  at timestamptz NOT NULL,
  resolved_at timestamptz,
  resolved_by uuid,
  note text -- how it was resolved; whoever reported it reads this
);
CREATE INDEX flags_task ON flags (task_id);
CREATE INDEX flags_assignment ON flags (assignment_id, at DESC);
CREATE UNIQUE INDEX flags_one_open ON flags (assignment_id) WHERE resolved_at IS NULL;
CREATE INDEX flags_open ON flags (project_id, task_id) WHERE resolved_at IS NULL;
INSERT INTO flags (id, project_id, task_id, assignment_id, reason, at)
  SELECT gen_random_uuid(), project_id, task_id, id, flag, claimed_at FROM assignments WHERE flag IS NOT NULL;
ALTER TABLE assignments DROP COLUMN flag; -- and with it its index

-- Lists by what was skipped begin at the assignments; lists by state walk the project's part of the queue in their own order.
CREATE INDEX assignments_skipped ON assignments (project_id, task_id) WHERE state = 3;
CREATE INDEX queue_list ON queue (project_id, task_id) INCLUDE (state);
