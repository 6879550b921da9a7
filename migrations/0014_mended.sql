-- What earlier versions left behind. Reviews of answers that were undone stayed in the queue, ahead of all others; and a task
-- that was put back although it was fully answered counted as handed out for ever.
UPDATE queue SET state = 3 WHERE state IN (0, 1) AND task_id IN (
  SELECT t.id FROM tasks t JOIN submissions s ON s.id = t.reviewed_submission WHERE s.withdrawn_at IS NOT NULL);
UPDATE queue q SET state = 2 FROM tasks t WHERE t.id = q.task_id AND q.state = 1 AND q.remaining = 0 AND q.answered >= t.overlap;
