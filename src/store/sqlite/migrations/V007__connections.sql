-- How it stands between us and each partner's PSA. A partner of which nothing is here was never reached.
CREATE TABLE connections (
  partner TEXT NOT NULL PRIMARY KEY,
  state TEXT NOT NULL,
  since INTEGER NOT NULL,
  code TEXT NOT NULL,
  message TEXT NOT NULL,
  reached_at INTEGER
) WITHOUT ROWID;

-- What waits for a person is looked at again by itself from now on, also what has been waiting.
UPDATE records SET due_at = CAST(strftime('%s', 'now') AS INTEGER) * 1000
WHERE parked <> '' AND due_at IS NULL;

PRAGMA user_version = 7;
