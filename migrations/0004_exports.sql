-- A finished export, in parts, for those who fetch it with a browser.
CREATE TABLE exports (
  id uuid PRIMARY KEY, -- the job's
  project_id uuid NOT NULL REFERENCES projects,
  name text NOT NULL,
  rows bigint NOT NULL,
  parts int NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE export_parts (
  export_id uuid NOT NULL,
  part int NOT NULL,
  bytes bytea NOT NULL,
  PRIMARY KEY (export_id, part)
);
