-- The oldest time of an event that the record's state holds something of. NULL: not known until the record is folded again.
ALTER TABLE records ADD COLUMN needed_since INTEGER;

-- Where each walk through the old rows of a table goes on. 0: at its beginning.
CREATE TABLE prune_places (
  name TEXT NOT NULL PRIMARY KEY,
  place INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX plans_expiry ON plans (expires_at);

-- When the folder was put back from a copy of it: what was done since that copy was made is not in these books.
ALTER TABLE progress ADD COLUMN restored_at INTEGER;

PRAGMA user_version = 6;
