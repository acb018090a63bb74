-- What the PSA has been asked to tell us of, by kind of object, and whether it does. `entry`: the id of the registration
-- in the PSA; empty: there is none.
CREATE TABLE callbacks (
  partner TEXT NOT NULL,
  kind TEXT NOT NULL,
  entry TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  checked_at INTEGER NOT NULL,
  heard_at INTEGER,
  missed_since INTEGER,
  missed INTEGER NOT NULL,
  problem TEXT NOT NULL,
  PRIMARY KEY (partner, kind)
) WITHOUT ROWID;

-- Which objects of the PSA the product has been offered, and as what. `digest` empty: it has been told that one is no
-- longer on offer.
CREATE TABLE offers (
  partner TEXT NOT NULL,
  kind TEXT NOT NULL,
  object_id TEXT NOT NULL,
  digest TEXT NOT NULL,
  PRIMARY KEY (partner, kind, object_id)
) WITHOUT ROWID;

PRAGMA user_version = 4;
