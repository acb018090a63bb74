-- That somebody has asked for a delivery once more.
ALTER TABLE deliveries ADD COLUMN replayed_at INTEGER;
-- JSON: how a webhook fails, and of which kinds a PSA shows too little, as the product was told. A start forgets neither.
ALTER TABLE webhooks ADD COLUMN failing TEXT NOT NULL DEFAULT '';
ALTER TABLE connections ADD COLUMN hidden TEXT NOT NULL DEFAULT '';

PRAGMA user_version = 8;
