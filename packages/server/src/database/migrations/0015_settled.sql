-- When an entity was last found equal on both sides. An unanswered call is forgotten an hour after it was sent, but
-- not before the entity has settled since its deadline: until then, nobody knows what of it has arrived.
ALTER TABLE rolecall.sync_entities ADD COLUMN settled_at timestamptz;
