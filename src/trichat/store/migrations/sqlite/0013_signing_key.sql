-- Under which key the logins were opened: one row, none before the first start that knew of it.
-- kid: the key's id; empty when its file was taken away, which ended every login. everyone_out_at:
-- when an operator logged everybody out last. moved: 1 from a restore to the next start: the key may
-- be missing on purpose.
CREATE TABLE signing (
    one             INTEGER PRIMARY KEY CHECK (one = 1),
    kid             TEXT,
    everyone_out_at INTEGER NOT NULL DEFAULT 0,
    moved           INTEGER NOT NULL DEFAULT 0
) STRICT;
