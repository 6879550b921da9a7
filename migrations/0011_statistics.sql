-- Nothing is planned by the distribution of texts and documents: to read them takes most of the time of an ANALYZE.
ALTER TABLE prompts ALTER COLUMN metadata SET STATISTICS 0, ALTER COLUMN opening SET STATISTICS 0;
ALTER TABLE messages ALTER COLUMN text SET STATISTICS 0, ALTER COLUMN origin SET STATISTICS 0, ALTER COLUMN hash SET STATISTICS 0;
ALTER TABLE annotations ALTER COLUMN payload SET STATISTICS 0, ALTER COLUMN shown SET STATISTICS 0;
ALTER TABLE assignments ALTER COLUMN presentation SET STATISTICS 0, ALTER COLUMN draft SET STATISTICS 0;
