-- A demo that could not go on is told where one looks on, not in the terminal alone.
ALTER TABLE projects ADD COLUMN demo_problem text; -- what kept the demo from its end
