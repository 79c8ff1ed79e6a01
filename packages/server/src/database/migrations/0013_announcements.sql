-- Announcements say what has changed, so that whoever keeps states need not ask. Everybody who may connect can
-- notify, and nodes would believe them: so an announcement carries a proof that only who may read this can make.
ALTER TABLE rolecall.environment ADD COLUMN announcement_key uuid NOT NULL DEFAULT gen_random_uuid();
