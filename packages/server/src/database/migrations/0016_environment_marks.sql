-- A mark of the environment that was settled and made anew is another one: whoever still holds the old one neither
-- settles it nor goes on by what they have read.
ALTER TABLE rolecall.sync_environment_marks ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE;
