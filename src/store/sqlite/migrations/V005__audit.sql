-- What a key may do; those from before are as they were.
ALTER TABLE api_keys ADD COLUMN role TEXT NOT NULL DEFAULT 'partner';
UPDATE api_keys SET role = 'administration' WHERE partner = '';

-- What people, and programs with a key for administration, have done to the installation. Rows are cut from the old end
-- only, so that a sequence is never given twice.
CREATE TABLE audit (
  sequence INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  key_id TEXT NOT NULL,
  key_name TEXT NOT NULL,
  act TEXT NOT NULL,
  partner TEXT NOT NULL,
  target TEXT NOT NULL,
  before TEXT NOT NULL,
  after TEXT NOT NULL,
  request_id TEXT NOT NULL
);
CREATE INDEX audit_partner ON audit (partner, sequence);
CREATE INDEX audit_target ON audit (target, sequence);

-- Texts of the installation itself.
CREATE TABLE settings (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

PRAGMA user_version = 5;
