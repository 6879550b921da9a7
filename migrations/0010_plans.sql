-- What counts, in a form that is quick whatever the planner believes of the tables: with statistics of a minute ago it
-- joined all submissions for each row. Each step here is a look into an index, or one pass over the few corrections.
CREATE OR REPLACE VIEW annotations_in_force AS
  SELECT a.* FROM annotations a
  LEFT JOIN submissions s ON s.id = a.submission_id
  WHERE s.withdrawn_at IS NULL
    AND NOT EXISTS (
      SELECT 1 FROM annotations newer
      WHERE newer.supersedes = a.id AND newer.supersedes IS NOT NULL
        AND (SELECT n.withdrawn_at IS NULL FROM submissions n WHERE n.id = newer.submission_id));

-- Beside a large import, what people have said is a small part of the table: their share must be known soon all the same.
ALTER TABLE annotations SET (autovacuum_analyze_scale_factor = 0.01, autovacuum_analyze_threshold = 1000);
