-- A key may end by itself. used_at: when it was last seen in use, some minutes late at most.
ALTER TABLE api_keys ADD COLUMN expires_at INTEGER;
ALTER TABLE api_keys ADD COLUMN used_at INTEGER;
