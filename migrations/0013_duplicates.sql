-- Which prompts are alike, as somebody last had it looked at: derived from their texts alone, and replaced as a whole.
CREATE TABLE duplicate_reports (
  project_id uuid PRIMARY KEY REFERENCES projects,
  prompts int NOT NULL, -- that were compared
  newest uuid, -- of them: what is newer was not
  at timestamptz NOT NULL
);
CREATE TABLE duplicate_groups (
  id uuid PRIMARY KEY, -- its first prompt
  project_id uuid NOT NULL,
  size int NOT NULL,
  same_words boolean NOT NULL -- but for case, punctuation, and turns of the system
);
CREATE INDEX duplicate_groups_list ON duplicate_groups (project_id, size DESC, id);
CREATE TABLE duplicate_prompts (
  prompt_id uuid PRIMARY KEY,
  group_id uuid NOT NULL REFERENCES duplicate_groups ON DELETE CASCADE,
  wording bytea NOT NULL -- equal where the words are
);
CREATE INDEX duplicate_prompts_group ON duplicate_prompts (group_id, wording, prompt_id);
