-- What ConnectWise tells us of is named by its id there, and so is what is looked for in a sweep. `stale`: told to have
-- changed since it was last looked at.
ALTER TABLE links ADD COLUMN stale INTEGER NOT NULL DEFAULT 0;
CREATE INDEX links_object ON links (partner, object_kind, object_id);

-- How far ConnectWise's changes have been read, by kind of object.
CREATE TABLE sweeps (
  partner TEXT NOT NULL,
  kind TEXT NOT NULL,
  changed_until INTEGER NOT NULL,
  compared_at INTEGER NOT NULL,
  PRIMARY KEY (partner, kind)
) WITHOUT ROWID;

PRAGMA user_version = 2;
