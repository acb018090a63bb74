-- What the vendor's product is told. A sequence is never given twice, though old events are forgotten: a webhook's place
-- is one.
CREATE TABLE outbound (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  partner TEXT NOT NULL,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  id TEXT NOT NULL,
  type TEXT NOT NULL,
  at INTEGER NOT NULL,
  data TEXT NOT NULL
);
CREATE INDEX outbound_at ON outbound (at);
CREATE INDEX outbound_record ON outbound (partner, kind, key);

-- The vendor's, and not a partner's.
CREATE TABLE webhooks (
  row INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  url TEXT NOT NULL,
  description TEXT NOT NULL,
  types TEXT NOT NULL,
  partners TEXT NOT NULL,
  enabled INTEGER NOT NULL,
  disabled_why TEXT NOT NULL,
  sealed_secrets TEXT NOT NULL,
  place INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  version INTEGER NOT NULL
);

CREATE TABLE deliveries (
  row INTEGER PRIMARY KEY,
  webhook TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  partner TEXT NOT NULL,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'dead')),
  due_at INTEGER,
  give_up_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  attempted_at INTEGER,
  settled_at INTEGER,
  status INTEGER NOT NULL,
  error TEXT NOT NULL
);
CREATE UNIQUE INDEX deliveries_key ON deliveries (webhook, sequence);
CREATE INDEX deliveries_event ON deliveries (sequence);
CREATE INDEX deliveries_due ON deliveries (webhook, due_at, sequence) WHERE due_at IS NOT NULL;
CREATE INDEX deliveries_waiting ON deliveries (webhook, partner, kind, key, sequence) WHERE state = 'waiting';
CREATE INDEX deliveries_dead ON deliveries (webhook, sequence) WHERE state = 'dead';
CREATE INDEX deliveries_settled ON deliveries (settled_at) WHERE settled_at IS NOT NULL;

PRAGMA user_version = 3;
