-- Gates rest on what a policy answered: whoever changes it afterwards needs a new comparison.
ALTER TABLE policies ADD COLUMN changed_at timestamptz; -- when its address, model or parameters changed last
