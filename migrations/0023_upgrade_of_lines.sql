-- What 0019 left behind: comparisons whose samples were being drawn ask at the priority of evaluations too, and what was put
-- back without having been handed out is forgotten, as it always is.
UPDATE head_to_heads SET plan = jsonb_set(plan, '{priority}', '-2') WHERE state = 'sampling' AND plan -> 'priority' = '-1';
DELETE FROM active_choices c WHERE NOT c.ahead AND NOT EXISTS (SELECT 1 FROM assignments a WHERE a.task_id = c.task_id);
