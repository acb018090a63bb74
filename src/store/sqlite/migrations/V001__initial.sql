-- "CRSW": lets an open tell our file from another program's.
PRAGMA application_id = 1129468759;

CREATE TABLE progress (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  fold_cursor INTEGER NOT NULL
);
INSERT INTO progress (id, fold_cursor) VALUES (1, 0);

CREATE TABLE partners (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  paused INTEGER NOT NULL,
  settings TEXT NOT NULL,
  sealed_credentials TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  version INTEGER NOT NULL
);

CREATE TABLE mappings (
  partner TEXT NOT NULL,
  workflow TEXT NOT NULL,
  version INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('draft', 'live', 'superseded')),
  document TEXT NOT NULL,
  author TEXT NOT NULL,
  comment TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  published_at INTEGER,
  PRIMARY KEY (partner, workflow, version)
);
-- Two live mappings of one workflow would be two truths.
CREATE UNIQUE INDEX mappings_live ON mappings (partner, workflow) WHERE state = 'live';

CREATE TABLE api_keys (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  hash TEXT NOT NULL,
  partner TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  revoked_at INTEGER,
  last_used_at INTEGER
);

CREATE TABLE plans (
  partner TEXT NOT NULL,
  id TEXT NOT NULL,
  hash TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  applied_at INTEGER,
  document TEXT NOT NULL,
  PRIMARY KEY (partner, id)
);

-- The log. Its indexes are over digests, so that they stay small whatever the product's ids and keys look like: their pages
-- are what a commit costs. `identity` is of (partner, source, id), `record` of (partner, kind, key); `content` tells a repeat
-- from a conflict without reading the event.
CREATE TABLE events (
  sequence INTEGER PRIMARY KEY,
  identity BLOB NOT NULL,
  record INTEGER NOT NULL,
  content INTEGER NOT NULL,
  partner TEXT NOT NULL,
  source TEXT NOT NULL,
  id TEXT NOT NULL,
  type TEXT NOT NULL,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  time INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  data TEXT NOT NULL
);
CREATE UNIQUE INDEX events_identity ON events (identity);
CREATE INDEX events_record ON events (record, sequence);

-- `state` comes last: what filters on the other columns does not touch its overflow pages.
CREATE TABLE records (
  row INTEGER PRIMARY KEY,
  partner TEXT NOT NULL,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  version INTEGER NOT NULL,
  group_key TEXT NOT NULL,
  raised_at INTEGER,
  open INTEGER NOT NULL,
  due_at INTEGER,
  lane INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  parked TEXT NOT NULL,
  state TEXT NOT NULL
);
CREATE UNIQUE INDEX records_key ON records (partner, kind, key);
CREATE INDEX records_due ON records (partner, lane, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX records_group ON records (partner, group_key, raised_at) WHERE group_key <> '';
CREATE INDEX records_parked ON records (partner, kind, key) WHERE parked <> '';

CREATE TABLE links (
  row INTEGER PRIMARY KEY,
  partner TEXT NOT NULL,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  anchor TEXT NOT NULL,
  provider TEXT NOT NULL,
  object_kind TEXT NOT NULL,
  object_id TEXT NOT NULL,
  external_reference TEXT NOT NULL,
  state TEXT NOT NULL
);
CREATE UNIQUE INDEX links_key ON links (partner, kind, key, anchor);

CREATE TABLE journal (
  sequence INTEGER PRIMARY KEY,
  partner TEXT NOT NULL,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  at INTEGER NOT NULL,
  entry TEXT NOT NULL
);
CREATE INDEX journal_record ON journal (partner, kind, key, sequence);

-- Kept with each commit, because counting millions of rows for every scrape of the metrics is not an option.
CREATE TABLE totals (
  partner TEXT NOT NULL PRIMARY KEY,
  events INTEGER NOT NULL,
  records INTEGER NOT NULL,
  links INTEGER NOT NULL
) WITHOUT ROWID;

PRAGMA user_version = 1;
