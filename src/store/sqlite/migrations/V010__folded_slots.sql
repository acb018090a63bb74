-- How far the log is folded is kept for each slot of partners, so that several engines can share them out.
CREATE TABLE folded (
  slot INTEGER PRIMARY KEY,
  sequence INTEGER NOT NULL
);
INSERT INTO folded (slot, sequence)
WITH RECURSIVE slots (slot) AS (VALUES (0) UNION ALL SELECT slot + 1 FROM slots WHERE slot < 63)
SELECT slot, (SELECT fold_cursor FROM progress WHERE id = 1) FROM slots;
ALTER TABLE progress DROP COLUMN fold_cursor;

PRAGMA user_version = 10;
