CREATE TABLE users (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid          TEXT NOT NULL UNIQUE,
    username      TEXT NOT NULL UNIQUE,
    folded        TEXT NOT NULL,  -- the user name without case, for searching
    email         TEXT UNIQUE,
    password_hash TEXT,
    avatar        TEXT,
    status        TEXT NOT NULL DEFAULT 'ACTIVE',
    banned_until  INTEGER,
    role          TEXT NOT NULL DEFAULT 'MEMBER',
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL
) STRICT;

CREATE TABLE api_keys (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    INTEGER NOT NULL REFERENCES users (id),
    digest     TEXT NOT NULL UNIQUE,
    label      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;
CREATE INDEX api_keys_of_user ON api_keys (user_id);

-- last_seq is the head of the room's log: a commit names the number it expects to find.
CREATE TABLE rooms (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid        TEXT NOT NULL UNIQUE,
    kind        TEXT NOT NULL,
    title       TEXT NOT NULL,
    handle      TEXT UNIQUE,
    description TEXT,
    origin      TEXT NOT NULL,
    max_users   INTEGER,
    created_by  INTEGER REFERENCES users (id),
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    archived_at INTEGER,
    last_seq    INTEGER NOT NULL DEFAULT 0,
    last_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX rooms_made ON rooms (created_by, origin);

CREATE TABLE direct_pairs (
    low     INTEGER NOT NULL REFERENCES users (id),
    high    INTEGER NOT NULL REFERENCES users (id),
    room_id INTEGER NOT NULL REFERENCES rooms (id),
    PRIMARY KEY (low, high)
) STRICT, WITHOUT ROWID;

-- The log itself. Messages, members and reactions below are what it amounts to.
CREATE TABLE events (
    room_id    INTEGER NOT NULL REFERENCES rooms (id),
    seq        INTEGER NOT NULL,
    kind       TEXT NOT NULL,
    at         INTEGER NOT NULL,
    user_id    INTEGER,
    by_id      INTEGER,
    message_id INTEGER,
    data       TEXT,
    PRIMARY KEY (room_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE memberships (
    room_id   INTEGER NOT NULL REFERENCES rooms (id),
    user_id   INTEGER NOT NULL REFERENCES users (id),
    standing  TEXT NOT NULL,
    joined_at INTEGER NOT NULL,
    PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX memberships_of_user ON memberships (user_id, joined_at, room_id);

CREATE TABLE messages (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid       TEXT NOT NULL UNIQUE,
    room_id    INTEGER NOT NULL REFERENCES rooms (id),
    seq        INTEGER NOT NULL,
    author_id  INTEGER NOT NULL REFERENCES users (id),
    text       TEXT NOT NULL,
    system     INTEGER NOT NULL DEFAULT 0,
    edited     INTEGER NOT NULL DEFAULT 0,
    deleted    INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX messages_of_room ON messages (room_id, id) WHERE deleted = 0;

CREATE TABLE mentions (
    message_id INTEGER NOT NULL REFERENCES messages (id),
    user_id    INTEGER NOT NULL REFERENCES users (id),
    PRIMARY KEY (message_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX mentions_of_user ON mentions (user_id, message_id);

CREATE TABLE reactions (
    uuid       TEXT NOT NULL PRIMARY KEY,
    message_id INTEGER NOT NULL REFERENCES messages (id),
    user_id    INTEGER NOT NULL REFERENCES users (id),
    emoji      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (message_id, user_id, emoji)
) STRICT, WITHOUT ROWID;
CREATE INDEX reactions_of_user ON reactions (user_id, created_at);

-- Read and delivery marks are state, not events: the latest wins.
CREATE TABLE marks (
    room_id      INTEGER NOT NULL REFERENCES rooms (id),
    user_id      INTEGER NOT NULL REFERENCES users (id),
    read_id      INTEGER NOT NULL DEFAULT 0,
    delivered_id INTEGER NOT NULL DEFAULT 0,
    at           INTEGER NOT NULL,
    PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;
