-- A comparison that was ended early can be asked on; what a lead took out of the queue by hand stays out.
ALTER TABLE head_to_head_pairs ADD COLUMN cut_short boolean NOT NULL DEFAULT false; -- its task went when the comparison was ended
-- Who took a task out is not known of those that have ended: until today all of them came back.
UPDATE head_to_head_pairs p SET cut_short = true FROM queue q, head_to_heads h
WHERE q.task_id = p.task_id AND q.state = 3 AND h.id = p.head_to_head_id AND h.state = 'done';
