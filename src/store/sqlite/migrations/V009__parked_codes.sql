-- What is searched is a column. The code that a record is parked with comes before `state`, where the whole text was until
-- now; the rest of the text, which nobody searches, comes behind it. A text that has no code cannot be read any more.
ALTER TABLE records RENAME COLUMN parked TO parked_code;
ALTER TABLE records ADD COLUMN parked TEXT NOT NULL DEFAULT '';
UPDATE records INDEXED BY records_parked SET parked = parked_code, parked_code = coalesce(
  CASE WHEN json_valid(parked_code) THEN
    CASE json_type(parked_code, '$.code') WHEN 'text' THEN nullif(json_extract(parked_code, '$.code'), '') END
  END, 'store.corrupt')
WHERE parked_code <> '';

-- Which other record this one waits for, or tells of. Contacts and devices have had their customer in `group_key`, which
-- is of storms alone from now on. What an alert tells of is its device, or else its subject.
ALTER TABLE records ADD COLUMN refers_to TEXT NOT NULL DEFAULT '';
UPDATE records SET group_key = '',
  refers_to = CASE WHEN length(group_key) > 9 THEN 'customer/' || substr(group_key, 10) ELSE '' END
WHERE kind IN ('contact', 'device') AND substr(group_key, 1, 9) = 'customer' || char(10);
UPDATE records SET refers_to = coalesce('device/' ||
  CASE WHEN json_valid(state) THEN
    coalesce(nullif(json_extract(state, '$.content.device'), ''), nullif(json_extract(state, '$.content.subject'), ''))
  END, '')
WHERE kind = 'alert';
CREATE INDEX records_refers ON records (partner, refers_to) WHERE refers_to <> '';

PRAGMA user_version = 9;
