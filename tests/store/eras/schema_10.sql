-- As the server of commit cf0f2cd left it: schema 10.
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
INSERT INTO acts VALUES(1,'01a22c5b-6bde-7fcf-951f-599874ac91e4','BAN_USER','USER','01a22c5b-4fe8-7795-bdb9-17994ae7685f',1,'spam','{"duration_hours": null}',1796040518622);
CREATE INDEX acts_of_admin ON acts (by_id);
CREATE TABLE api_keys (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    INTEGER NOT NULL REFERENCES users (id),
    digest     TEXT NOT NULL UNIQUE,
    label      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
, expires_at INTEGER, used_at INTEGER) STRICT;
INSERT INTO api_keys VALUES(1,2,'09fdf404287b68379d3948f1ff1478a772c285342a6756b351d5f30a83193dfc','a bot',1796040511544,NULL,NULL,NULL);
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
INSERT INTO events VALUES(1,1,'admitted',1796040511444,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(2,1,'admitted',1796040511448,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(3,1,'admitted',1796040511450,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(4,1,'admitted',1796040511469,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(4,2,'admitted',1796040511475,2,2,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(4,3,'said',1796040511482,1,NULL,1,'{"notified": [2]}');
INSERT INTO events VALUES(4,4,'said',1796040511486,1,NULL,2,NULL);
INSERT INTO events VALUES(4,5,'said',1796040511489,2,NULL,3,NULL);
INSERT INTO events VALUES(4,6,'said',1796040511495,1,NULL,4,NULL);
INSERT INTO events VALUES(4,7,'edited',1796040511513,1,NULL,2,NULL);
INSERT INTO events VALUES(4,8,'reacted',1796040511528,2,NULL,1,'{"uuid": "01a22c5b-5028-7610-b650-002dced8c347", "emoji": "\ud83d\udc4d", "at": 1796040511528}');
INSERT INTO events VALUES(4,9,'deleted',1796040511531,1,1,4,NULL);
INSERT INTO events VALUES(4,10,'admitted',1796040511535,3,3,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(4,11,'left',1796040511537,3,3,NULL,NULL);
INSERT INTO events VALUES(5,1,'admitted',1796040511569,1,1,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(5,2,'admitted',1796040511570,2,1,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(5,3,'said',1796040511584,1,NULL,5,NULL);
INSERT INTO events VALUES(6,1,'admitted',1796040511624,1,1,NULL,'{"standing": "owner"}');
CREATE TABLE grants (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid    TEXT NOT NULL UNIQUE,
    user_id INTEGER NOT NULL REFERENCES users (id),
    role    TEXT NOT NULL,
    room_id INTEGER REFERENCES rooms (id),
    at      INTEGER NOT NULL,
    by_id   INTEGER REFERENCES users (id)
) STRICT;
INSERT INTO grants VALUES(1,'01a22c5b-5ce3-71ba-aeeb-1e598b359545',1,'SUPER_ADMIN',NULL,1796040514787,NULL);
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
INSERT INTO logins VALUES('01a22c5b-4f81-7c3b-9fbe-8c9eb5a33352',1,1796040511431,1796042312000,1796042312000,NULL,NULL,NULL,NULL,1796040511431);
INSERT INTO logins VALUES('01a22c5b-4fe2-7a6e-9fba-b6e788647959',2,1796040511459,1796042312000,1796042312000,NULL,NULL,NULL,NULL,1796040511459);
INSERT INTO logins VALUES('01a22c5b-4fe8-79d5-a084-d7507d053996',3,1796040511464,1796042312000,1796042312000,NULL,NULL,NULL,NULL,1796040511464);
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
INSERT INTO marks VALUES(5,2,5,0,1796040511604);
CREATE TABLE memberships (
    room_id   INTEGER NOT NULL REFERENCES rooms (id),
    user_id   INTEGER NOT NULL REFERENCES users (id),
    standing  TEXT NOT NULL,
    joined_at INTEGER NOT NULL,
    PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;
INSERT INTO memberships VALUES(1,1,'owner',1796040511444);
INSERT INTO memberships VALUES(2,1,'owner',1796040511448);
INSERT INTO memberships VALUES(3,1,'owner',1796040511450);
INSERT INTO memberships VALUES(4,1,'owner',1796040511469);
INSERT INTO memberships VALUES(4,2,'member',1796040511475);
INSERT INTO memberships VALUES(5,1,'member',1796040511569);
INSERT INTO memberships VALUES(5,2,'member',1796040511570);
INSERT INTO memberships VALUES(6,1,'owner',1796040511624);
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
INSERT INTO messages VALUES(1,'01a22c5b-4ffa-779c-858e-0fdee9f9de8a',4,3,1,'first, @bob',0,0,0,1796040511482,1796040511482);
INSERT INTO messages VALUES(2,'01a22c5b-4ffe-776a-9660-32b970048fc5',4,4,1,'second, better',0,1,0,1796040511486,1796040511513);
INSERT INTO messages VALUES(3,'01a22c5b-5001-7f4c-9db6-fcbada731dc8',4,5,2,'third',0,0,0,1796040511489,1796040511489);
INSERT INTO messages VALUES(4,'01a22c5b-5007-75dd-bdb2-f9e194cdc334',4,6,1,'',0,0,1,1796040511495,1796040511495);
INSERT INTO messages VALUES(5,'01a22c5b-505f-79e4-8ac2-5a74d4c8c825',5,3,1,'for bob alone',0,0,0,1796040511584,1796040511584);
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
INSERT INTO reactions VALUES('01a22c5b-5028-7610-b650-002dced8c347',1,2,'👍',1796040511528);
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
INSERT INTO rooms VALUES(1,'01a22c5b-4fd3-72e0-8b33-93b35f809b3a','public','general','general','Talk about anything','rest',NULL,1,1796040511443,1796040511443,NULL,1,1796040511444,NULL);
INSERT INTO rooms VALUES(2,'01a22c5b-4fd7-74a0-a355-d21619f439de','public','random','random','Whatever fits nowhere else','rest',NULL,1,1796040511447,1796040511447,NULL,1,1796040511448,NULL);
INSERT INTO rooms VALUES(3,'01a22c5b-4fd9-7365-aaf2-b31d482d56e3','public','announcements','announcements','News for everyone','rest',NULL,1,1796040511449,1796040511449,NULL,1,1796040511450,NULL);
INSERT INTO rooms VALUES(4,'01a22c5b-4fec-732b-9f28-0cb639c2768c','public','tea','tea','about tea','rest',NULL,1,1796040511468,1796040511468,NULL,11,1796040511537,NULL);
INSERT INTO rooms VALUES(5,'01a22c5b-5050-79da-9900-3e3b4d881459','direct','ann, bob',NULL,NULL,'direct',NULL,1,1796040511568,1796040511568,NULL,3,1796040511584,NULL);
INSERT INTO rooms VALUES(6,'01a22c5b-5087-7b55-b9bd-fbd4b3473b3e','public','den',NULL,NULL,'lobby',5,1,1796040511623,1796040511623,NULL,1,1796040511624,NULL);
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
, folded_email TEXT, tokens_since INTEGER NOT NULL DEFAULT 0, name_key TEXT NOT NULL DEFAULT '') STRICT;
INSERT INTO users VALUES(1,'01a22c5b-4fc7-7461-9214-d9617536fc71','ann','ann','Ann@example.com','$argon2id$v=19$m=8,t=1,p=1$vIKS4sKoutbr2TYiMl3ZNA$Ib/VCOcJdO1tkmIxauyHeCESZbTFeUbPtj9oCyqAz14',NULL,'ACTIVE',NULL,'SUPER_ADMIN',1796040511431,1796040514787,'ann@example.com',0,'ann');
INSERT INTO users VALUES(2,'01a22c5b-4fe3-7720-96cc-af458ace5596','bob','bob','Bob@example.com','$argon2id$v=19$m=8,t=1,p=1$k7qwmCH9fYqLQmMV1uPWGg$PDqXnDusFY4+711ejJtRMV6+UChMTG/g7uRllYwnbms',NULL,'ACTIVE',NULL,'MEMBER',1796040511459,1796040511459,'bob@example.com',0,'bob');
INSERT INTO users VALUES(3,'01a22c5b-4fe8-7795-bdb9-17994ae7685f','cat','cat','Cat@example.com','$argon2id$v=19$m=8,t=1,p=1$IvyTQHmQb+2tizqMDIrrDw$TTXt96mHK7WnMEaCCMpNiXhkmPdfd/WvVAqGq1D8PIk',NULL,'BANNED',NULL,'MEMBER',1796040511464,1796040518622,'cat@example.com',0,'cat');
CREATE INDEX users_by_address ON users (folded_email);
CREATE INDEX users_by_name ON users (folded, id);
CREATE INDEX users_by_name_key ON users (name_key);
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
PRAGMA user_version = 10;
COMMIT TRANSACTION;
