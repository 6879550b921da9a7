-- Tasks that were put ahead by choice stand before the others of their own priority, no longer at one of their own; those of a
-- round and those of an evaluation have priorities apart, so that the choice works within a round.
UPDATE queue q SET position = c.position, priority = CASE q.priority WHEN -1 THEN 0 ELSE q.priority END,
  recalled = q.recalled AND q.priority < -1
FROM active_choices c WHERE c.task_id = q.task_id AND c.ahead AND q.position > 4503599627370496;
UPDATE active_choices SET ahead = false WHERE ahead;
DELETE FROM active_state;
UPDATE queue q SET priority = -2 FROM tasks t WHERE t.id = q.task_id AND t.purpose = 'evaluation' AND q.priority = -1;
