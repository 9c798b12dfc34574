-- Transactions whose answer may be asked for, the newest few. stored: 0 for one that was given up
-- before it was stored, which cannot be stored any more. number: in the order of their coming.
CREATE TABLE batches (
    id     TEXT PRIMARY KEY,
    number INTEGER NOT NULL,
    stored INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
