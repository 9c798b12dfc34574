-- As the server of commit c2a8af3 left it: schema 9.
BEGIN TRANSACTION;
CREATE TABLE acts (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid      TEXT NOT NULL UNIQUE,
    action    TEXT NOT NULL,
    target    TEXT NOT NULL,
    target_id TEXT NOT NULL,
    by_id     INTEGER NOT NULL REFERENCES users (id),
    reason    TEXT,
    metadata  TEXT,
    at        INTEGER NOT NULL
) STRICT;
INSERT INTO acts VALUES(1,'01a22c5b-35b8-758f-bb7e-48a44e32a963','BAN_USER','USER','01a22c5b-1f28-7304-874f-150a6cc06e3c',1,'spam','{"duration_hours": null}',1796040504761);
CREATE INDEX acts_of_admin ON acts (by_id);
CREATE TABLE api_keys (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    INTEGER NOT NULL REFERENCES users (id),
    digest     TEXT NOT NULL UNIQUE,
    label      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
, expires_at INTEGER, used_at INTEGER) STRICT;
INSERT INTO api_keys VALUES(1,2,'5956ba097d79f608d3c1ffda841e7062449c840cc5b1d82f9b7dc795fe43a5d3','a bot',1796040499359,NULL,NULL,NULL);
CREATE INDEX api_keys_of_user ON api_keys (user_id);
CREATE TABLE direct_pairs (
    low     INTEGER NOT NULL REFERENCES users (id),
    high    INTEGER NOT NULL REFERENCES users (id),
    room_id INTEGER NOT NULL REFERENCES rooms (id),
    PRIMARY KEY (low, high)
) STRICT, WITHOUT ROWID;
INSERT INTO direct_pairs VALUES(1,2,5);
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
INSERT INTO events VALUES(1,1,'admitted',1796040498752,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(2,1,'admitted',1796040498758,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(3,1,'admitted',1796040498775,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(4,1,'admitted',1796040499148,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(4,2,'admitted',1796040499200,2,2,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(4,3,'said',1796040499209,1,NULL,1,'{"notified": [2]}');
INSERT INTO events VALUES(4,4,'said',1796040499216,1,NULL,2,NULL);
INSERT INTO events VALUES(4,5,'said',1796040499227,2,NULL,3,NULL);
INSERT INTO events VALUES(4,6,'said',1796040499232,1,NULL,4,NULL);
INSERT INTO events VALUES(4,7,'edited',1796040499240,1,NULL,2,NULL);
INSERT INTO events VALUES(4,8,'reacted',1796040499245,2,NULL,1,'{"uuid": "01a22c5b-202c-7bc0-a1e5-03a752bfb886", "emoji": "\ud83d\udc4d", "at": 1796040499245}');
INSERT INTO events VALUES(4,9,'deleted',1796040499262,1,1,4,NULL);
INSERT INTO events VALUES(4,10,'admitted',1796040499287,3,3,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(4,11,'left',1796040499296,3,3,NULL,NULL);
INSERT INTO events VALUES(5,1,'admitted',1796040499386,1,1,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(5,2,'admitted',1796040499387,2,1,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(5,3,'said',1796040499408,1,NULL,5,NULL);
INSERT INTO events VALUES(6,1,'admitted',1796040499422,1,1,NULL,'{"standing": "owner"}');
CREATE TABLE grants (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid    TEXT NOT NULL UNIQUE,
    user_id INTEGER NOT NULL REFERENCES users (id),
    role    TEXT NOT NULL,
    room_id INTEGER REFERENCES rooms (id),
    at      INTEGER NOT NULL,
    by_id   INTEGER REFERENCES users (id)
) STRICT;
INSERT INTO grants VALUES(1,'01a22c5b-2856-7d09-a10a-3b7a16db6418',1,'SUPER_ADMIN',NULL,1796040501333,NULL);
CREATE UNIQUE INDEX grants_of_user ON grants (user_id, coalesce(room_id, 0), role);
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
INSERT INTO logins VALUES('01a22c5b-1df9-70fb-b08b-dea7a097e4f6',1,1796040498731,1796042299000,1796042299000,NULL,NULL,NULL,NULL,1796040498731);
INSERT INTO logins VALUES('01a22c5b-1ec0-720b-a1ca-e7fdb4f02947',2,1796040498881,1796042299000,1796042299000,NULL,NULL,NULL,NULL,1796040498881);
INSERT INTO logins VALUES('01a22c5b-1f28-7d10-a331-d0443580b6df',3,1796040498984,1796042299000,1796042299000,NULL,NULL,NULL,NULL,1796040498984);
CREATE INDEX logins_expired ON logins (expires_at);
CREATE INDEX logins_of_user ON logins (user_id, expires_at);
CREATE TABLE marks (
    room_id      INTEGER NOT NULL REFERENCES rooms (id),
    user_id      INTEGER NOT NULL REFERENCES users (id),
    read_id      INTEGER NOT NULL DEFAULT 0,
    delivered_id INTEGER NOT NULL DEFAULT 0,
    at           INTEGER NOT NULL,
    PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;
INSERT INTO marks VALUES(5,2,5,0,1796040499410);
CREATE TABLE memberships (
    room_id   INTEGER NOT NULL REFERENCES rooms (id),
    user_id   INTEGER NOT NULL REFERENCES users (id),
    standing  TEXT NOT NULL,
    joined_at INTEGER NOT NULL,
    PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;
INSERT INTO memberships VALUES(1,1,'owner',1796040498752);
INSERT INTO memberships VALUES(2,1,'owner',1796040498758);
INSERT INTO memberships VALUES(3,1,'owner',1796040498775);
INSERT INTO memberships VALUES(4,1,'owner',1796040499148);
INSERT INTO memberships VALUES(4,2,'member',1796040499200);
INSERT INTO memberships VALUES(5,1,'member',1796040499386);
INSERT INTO memberships VALUES(5,2,'member',1796040499387);
INSERT INTO memberships VALUES(6,1,'owner',1796040499422);
CREATE INDEX memberships_of_user ON memberships (user_id, joined_at, room_id);
CREATE TABLE mentions (
    message_id INTEGER NOT NULL REFERENCES messages (id),
    user_id    INTEGER NOT NULL REFERENCES users (id),
    PRIMARY KEY (message_id, user_id)
) STRICT, WITHOUT ROWID;
INSERT INTO mentions VALUES(1,2);
CREATE INDEX mentions_of_user ON mentions (user_id, message_id);
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
INSERT INTO messages VALUES(1,'01a22c5b-2009-70db-92b3-c3b197bfc254',4,3,1,'first, @bob',0,0,0,1796040499209,1796040499209);
INSERT INTO messages VALUES(2,'01a22c5b-2010-7be9-b13a-85732af20849',4,4,1,'second, better',0,1,0,1796040499216,1796040499240);
INSERT INTO messages VALUES(3,'01a22c5b-201b-7493-b324-46cba478d5ac',4,5,2,'third',0,0,0,1796040499227,1796040499227);
INSERT INTO messages VALUES(4,'01a22c5b-2020-74f7-bf04-ad116d2fe560',4,6,1,'',0,0,1,1796040499232,1796040499232);
INSERT INTO messages VALUES(5,'01a22c5b-20ce-75b9-8e6c-500d2dd63f0f',5,3,1,'for bob alone',0,0,0,1796040499408,1796040499408);
CREATE INDEX messages_of_room ON messages (room_id, id) WHERE deleted = 0;
CREATE TABLE outsiders (
    issuer     TEXT NOT NULL,
    subject    TEXT NOT NULL,
    user_id    INTEGER NOT NULL UNIQUE REFERENCES users (id),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;
CREATE TABLE reaction_counts (
    message_id INTEGER NOT NULL REFERENCES messages (id),
    emoji      TEXT NOT NULL,
    number     INTEGER NOT NULL,
    PRIMARY KEY (message_id, emoji)
) STRICT, WITHOUT ROWID;
INSERT INTO reaction_counts VALUES(1,'👍',1);
CREATE TABLE reactions (
    uuid       TEXT NOT NULL PRIMARY KEY,
    message_id INTEGER NOT NULL REFERENCES messages (id),
    user_id    INTEGER NOT NULL REFERENCES users (id),
    emoji      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (message_id, user_id, emoji)
) STRICT, WITHOUT ROWID;
INSERT INTO reactions VALUES('01a22c5b-202c-7bc0-a1e5-03a752bfb886',1,2,'👍',1796040499245);
CREATE INDEX reactions_of_message ON reactions (message_id, created_at);
CREATE INDEX reactions_of_user ON reactions (user_id, created_at);
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
, visited_at INTEGER) STRICT;
INSERT INTO rooms VALUES(1,'01a22c5b-1e3f-7c25-b2a4-41e79bc51767','public','general','general','Talk about anything','rest',NULL,1,1796040498751,1796040498751,NULL,1,1796040498752,NULL);
INSERT INTO rooms VALUES(2,'01a22c5b-1e45-727e-90c6-17bfd8c72d45','public','random','random','Whatever fits nowhere else','rest',NULL,1,1796040498757,1796040498757,NULL,1,1796040498758,NULL);
INSERT INTO rooms VALUES(3,'01a22c5b-1e56-7d25-a4c1-3a090d729cd6','public','announcements','announcements','News for everyone','rest',NULL,1,1796040498774,1796040498774,NULL,1,1796040498775,NULL);
INSERT INTO rooms VALUES(4,'01a22c5b-1fcb-7646-aa14-1421ec5e779d','public','tea','tea','about tea','rest',NULL,1,1796040499147,1796040499147,NULL,11,1796040499296,NULL);
INSERT INTO rooms VALUES(5,'01a22c5b-20b9-7a37-a749-db65072135fe','direct','ann, bob',NULL,NULL,'direct',NULL,1,1796040499385,1796040499385,NULL,3,1796040499408,NULL);
INSERT INTO rooms VALUES(6,'01a22c5b-20dd-74d2-a0e4-00055386d8b1','public','den',NULL,NULL,'lobby',5,1,1796040499421,1796040499421,NULL,1,1796040499422,NULL);
CREATE INDEX rooms_made ON rooms (created_by, origin);
CREATE INDEX rooms_visited ON rooms (visited_at)
    WHERE visited_at IS NOT NULL AND archived_at IS NULL;
CREATE TABLE sends (
    room_id    INTEGER NOT NULL REFERENCES rooms (id),
    key        TEXT NOT NULL,
    user_id    INTEGER NOT NULL REFERENCES users (id),
    message_id INTEGER NOT NULL REFERENCES messages (id),
    digest     BLOB NOT NULL,
    PRIMARY KEY (room_id, key, user_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE tickets (
    digest        TEXT NOT NULL PRIMARY KEY,
    user_id       INTEGER NOT NULL REFERENCES users (id),
    login         TEXT NOT NULL,
    issued_at     INTEGER,
    token_expires INTEGER NOT NULL,
    expires_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX tickets_expired ON tickets (expires_at);
CREATE INDEX tickets_of_user ON tickets (user_id, expires_at);
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
, folded_email TEXT, tokens_since INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO users VALUES(1,'01a22c5b-1e2b-79cf-ba00-ff6ab10ebc5c','ann','ann','Ann@example.com','$argon2id$v=19$m=8,t=1,p=1$pKe7Kto3FOQ6V/a1LSQZqw$9fyIKLR0OpXPGFU4KQUkExA4C05fkpiixo7e28jEq/E',NULL,'ACTIVE',NULL,'SUPER_ADMIN',1796040498731,1796040501333,'ann@example.com',0);
INSERT INTO users VALUES(2,'01a22c5b-1ec1-7f35-a865-cde06a67898f','bob','bob','Bob@example.com','$argon2id$v=19$m=8,t=1,p=1$HtCXNlwi0RvyYhDbxAdLhw$RYRXPv0mN/xgsWH1rH15hRXfWVMbWrI3IbOuhRfV8Yk',NULL,'ACTIVE',NULL,'MEMBER',1796040498881,1796040498881,'bob@example.com',0);
INSERT INTO users VALUES(3,'01a22c5b-1f28-7304-874f-150a6cc06e3c','cat','cat','Cat@example.com','$argon2id$v=19$m=8,t=1,p=1$x5OjaWQjB7ZEUvSOVovthA$8QKIRijHvBw+N0EPtMpBgwSfeTifatOCtfC9vXVIQc4',NULL,'BANNED',NULL,'MEMBER',1796040498984,1796040504761,'cat@example.com',0);
CREATE INDEX users_by_name ON users (folded, id);
CREATE VIRTUAL TABLE user_names USING fts5 (
    folded, folded_email,
    content = 'users', content_rowid = 'id', tokenize = 'trigram case_sensitive 1'
);
INSERT INTO user_names (user_names) VALUES ('rebuild');
CREATE TRIGGER reaction_came AFTER INSERT ON reactions BEGIN
    INSERT INTO reaction_counts VALUES (new.message_id, new.emoji, 1)
    ON CONFLICT DO UPDATE SET number = number + 1;
END;
CREATE TRIGGER reaction_went AFTER DELETE ON reactions BEGIN
    UPDATE reaction_counts SET number = number - 1
    WHERE message_id = old.message_id AND emoji = old.emoji;
    DELETE FROM reaction_counts
    WHERE message_id = old.message_id AND emoji = old.emoji AND number = 0;
END;
CREATE TRIGGER user_gone AFTER DELETE ON users BEGIN
    INSERT INTO user_names (user_names, rowid, folded, folded_email)
    VALUES ('delete', old.id, old.folded, old.folded_email);
END;
CREATE TRIGGER user_named AFTER INSERT ON users BEGIN
    INSERT INTO user_names (rowid, folded, folded_email)
    VALUES (new.id, new.folded, new.folded_email);
END;
CREATE TRIGGER user_renamed AFTER UPDATE OF folded, folded_email ON users BEGIN
    INSERT INTO user_names (user_names, rowid, folded, folded_email)
    VALUES ('delete', old.id, old.folded, old.folded_email);
    INSERT INTO user_names (rowid, folded, folded_email)
    VALUES (new.id, new.folded, new.folded_email);
END;
DELETE FROM sqlite_sequence WHERE name='acts';
INSERT INTO sqlite_sequence VALUES ('acts', 1);
DELETE FROM sqlite_sequence WHERE name='api_keys';
INSERT INTO sqlite_sequence VALUES ('api_keys', 1);
DELETE FROM sqlite_sequence WHERE name='grants';
INSERT INTO sqlite_sequence VALUES ('grants', 1);
DELETE FROM sqlite_sequence WHERE name='messages';
INSERT INTO sqlite_sequence VALUES ('messages', 5);
DELETE FROM sqlite_sequence WHERE name='rooms';
INSERT INTO sqlite_sequence VALUES ('rooms', 6);
DELETE FROM sqlite_sequence WHERE name='users';
INSERT INTO sqlite_sequence VALUES ('users', 3);
PRAGMA user_version = 9;
COMMIT TRANSACTION;
