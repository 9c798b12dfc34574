-- What a login opened ends with it. name: a UUID that its tokens carry; a token that names no login
-- is one by itself, called by its SHA-256, and stands here only once it has ended. expires_at: when
-- none of its tokens is good any more; ends_at: beyond which that cannot be moved.
-- family: SHA-256 of the part that all its refresh tokens share; secret and former: of the rest of
-- the one that counts now and of the one before it.
CREATE TABLE logins (
    name       TEXT NOT NULL PRIMARY KEY,
    user_id    INTEGER NOT NULL REFERENCES users (id),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ends_at    INTEGER NOT NULL,
    ended_at   INTEGER,
    family     TEXT UNIQUE,
    secret     TEXT,
    former     TEXT,
    renewed_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX logins_of_user ON logins (user_id, expires_at);
CREATE INDEX logins_expired ON logins (expires_at);

-- Tokens that name no login count from here on.
ALTER TABLE users ADD COLUMN tokens_since INTEGER NOT NULL DEFAULT 0;

-- Each opens one connection, as the token would that it was given for.
CREATE TABLE tickets (
    digest        TEXT NOT NULL PRIMARY KEY,
    user_id       INTEGER NOT NULL REFERENCES users (id),
    login         TEXT NOT NULL,
    issued_at     INTEGER,
    token_expires INTEGER NOT NULL,
    expires_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX tickets_of_user ON tickets (user_id, expires_at);
CREATE INDEX tickets_expired ON tickets (expires_at);
