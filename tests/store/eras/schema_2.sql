-- As the server of commit e758560 left it: schema 2.
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
CREATE INDEX acts_of_admin ON acts (by_id);
CREATE TABLE api_keys (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    INTEGER NOT NULL REFERENCES users (id),
    digest     TEXT NOT NULL UNIQUE,
    label      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;
INSERT INTO api_keys VALUES(1,2,'64e017933e07d4bb0aabc6815f27353fc945241ba1b1a4f6f4cb71835c0e1eb9','a bot',1795282050530,NULL);
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
INSERT INTO events VALUES(1,1,'admitted',1795282050349,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(2,1,'admitted',1795282050352,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(3,1,'admitted',1795282050358,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(4,1,'admitted',1795282050399,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(4,2,'admitted',1795282050407,2,1,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(4,3,'said',1795282050421,1,NULL,1,'{"notified": [2]}');
INSERT INTO events VALUES(4,4,'said',1795282050431,1,NULL,2,NULL);
INSERT INTO events VALUES(4,5,'said',1795282050435,2,NULL,3,NULL);
INSERT INTO events VALUES(4,6,'said',1795282050439,1,NULL,4,NULL);
INSERT INTO events VALUES(4,7,'edited',1795282050451,1,NULL,2,NULL);
INSERT INTO events VALUES(4,8,'reacted',1795282050456,2,NULL,1,'{"uuid": "01a1ff26-1d98-7174-9e47-1bf97b5536fb", "emoji": "\ud83d\udc4d", "at": 1795282050456}');
INSERT INTO events VALUES(4,9,'deleted',1795282050471,1,1,4,NULL);
INSERT INTO events VALUES(4,10,'admitted',1795282050490,3,3,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(4,11,'left',1795282050511,3,3,NULL,NULL);
INSERT INTO events VALUES(5,1,'admitted',1795282050603,1,1,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(5,2,'admitted',1795282050604,2,1,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(5,3,'said',1795282050615,1,NULL,5,NULL);
INSERT INTO events VALUES(6,1,'admitted',1795282050678,1,1,NULL,'{"standing": "owner"}');
CREATE TABLE grants (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid    TEXT NOT NULL UNIQUE,
    user_id INTEGER NOT NULL REFERENCES users (id),
    role    TEXT NOT NULL,
    room_id INTEGER REFERENCES rooms (id),
    at      INTEGER NOT NULL,
    by_id   INTEGER REFERENCES users (id)
) STRICT;
INSERT INTO grants VALUES(1,'01a1ff26-29b1-7517-ac10-7ad4c73813ef',1,'SUPER_ADMIN',NULL,1795282053552,NULL);
CREATE UNIQUE INDEX grants_of_user ON grants (user_id, coalesce(room_id, 0), role);
CREATE TABLE marks (
    room_id      INTEGER NOT NULL REFERENCES rooms (id),
    user_id      INTEGER NOT NULL REFERENCES users (id),
    read_id      INTEGER NOT NULL DEFAULT 0,
    delivered_id INTEGER NOT NULL DEFAULT 0,
    at           INTEGER NOT NULL,
    PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;
INSERT INTO marks VALUES(5,2,5,0,1795282050644);
CREATE TABLE memberships (
    room_id   INTEGER NOT NULL REFERENCES rooms (id),
    user_id   INTEGER NOT NULL REFERENCES users (id),
    standing  TEXT NOT NULL,
    joined_at INTEGER NOT NULL,
    PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;
INSERT INTO memberships VALUES(1,1,'owner',1795282050349);
INSERT INTO memberships VALUES(2,1,'owner',1795282050352);
INSERT INTO memberships VALUES(3,1,'owner',1795282050358);
INSERT INTO memberships VALUES(4,1,'owner',1795282050399);
INSERT INTO memberships VALUES(4,2,'member',1795282050407);
INSERT INTO memberships VALUES(5,1,'member',1795282050603);
INSERT INTO memberships VALUES(5,2,'member',1795282050604);
INSERT INTO memberships VALUES(6,1,'owner',1795282050678);
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
INSERT INTO messages VALUES(1,'01a1ff26-1d74-7f2e-99df-8eebe6d3d9d9',4,3,1,'first, @bob',0,0,0,1795282050421,1795282050421);
INSERT INTO messages VALUES(2,'01a1ff26-1d7f-73a4-8398-e6b0af10f6c9',4,4,1,'second, better',0,1,0,1795282050431,1795282050451);
INSERT INTO messages VALUES(3,'01a1ff26-1d83-7e4b-bca4-20c43f27983d',4,5,2,'third',0,0,0,1795282050435,1795282050435);
INSERT INTO messages VALUES(4,'01a1ff26-1d87-7799-bcc3-1d06ee092e57',4,6,1,'',0,0,1,1795282050439,1795282050439);
INSERT INTO messages VALUES(5,'01a1ff26-1e35-7945-8ec3-0a088a5a003f',5,3,1,'for bob alone',0,0,0,1795282050615,1795282050615);
CREATE INDEX messages_of_room ON messages (room_id, id) WHERE deleted = 0;
CREATE TABLE reactions (
    uuid       TEXT NOT NULL PRIMARY KEY,
    message_id INTEGER NOT NULL REFERENCES messages (id),
    user_id    INTEGER NOT NULL REFERENCES users (id),
    emoji      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (message_id, user_id, emoji)
) STRICT, WITHOUT ROWID;
INSERT INTO reactions VALUES('01a1ff26-1d98-7174-9e47-1bf97b5536fb',1,2,'👍',1795282050456);
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
) STRICT;
INSERT INTO rooms VALUES(1,'01a1ff26-1d2c-71b5-bc39-bc00106059c7','public','general','general','Talk about anything','rest',NULL,1,1795282050348,1795282050348,NULL,1,1795282050349);
INSERT INTO rooms VALUES(2,'01a1ff26-1d2f-7290-9558-062a57871677','public','random','random','Whatever fits nowhere else','rest',NULL,1,1795282050351,1795282050351,NULL,1,1795282050352);
INSERT INTO rooms VALUES(3,'01a1ff26-1d35-7f2e-9dd6-14ef48245494','public','announcements','announcements','News for everyone','rest',NULL,1,1795282050357,1795282050357,NULL,1,1795282050358);
INSERT INTO rooms VALUES(4,'01a1ff26-1d5e-7365-ba72-67bcaac5045b','public','tea','tea','about tea','rest',NULL,1,1795282050398,1795282050398,NULL,11,1795282050511);
INSERT INTO rooms VALUES(5,'01a1ff26-1e2a-7635-a11e-d7339a1df997','direct','ann, bob',NULL,NULL,'direct',NULL,1,1795282050602,1795282050602,NULL,3,1795282050615);
INSERT INTO rooms VALUES(6,'01a1ff26-1e75-740b-8002-1edada6ad11d','public','den',NULL,NULL,'lobby',5,1,1795282050677,1795282050677,NULL,1,1795282050678);
CREATE INDEX rooms_made ON rooms (created_by, origin);
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
, folded_email TEXT) STRICT;
INSERT INTO users VALUES(1,'01a1ff26-1d27-7d6e-90d8-69dfc4b0b637','ann','ann','Ann@example.com','$argon2id$v=19$m=8,t=1,p=1$0QfBj7IM+F8F9jQBcKzETQ$nFw63Da+IAVKhp3U0yoCeBl7Bz7bfDo79amEmEU3Vg0',NULL,'ACTIVE',NULL,'SUPER_ADMIN',1795282050343,1795282053552,'ann@example.com');
INSERT INTO users VALUES(2,'01a1ff26-1d50-73c0-966d-2130ace519ad','bob','bob','Bob@example.com','$argon2id$v=19$m=8,t=1,p=1$5varFNssU4gmByO+beQYdQ$fMQhUpkyZWy6v9psFYPo6fW4/tJzmHwe8cdptlh+IZ4',NULL,'ACTIVE',NULL,'MEMBER',1795282050384,1795282050384,'bob@example.com');
INSERT INTO users VALUES(3,'01a1ff26-1d57-7895-96e6-72ba7d16b29c','cat','cat','Cat@example.com','$argon2id$v=19$m=8,t=1,p=1$I+9J4KP68uVrXbRaxxGZwg$HjfREbMCMwA/EK/O3Bn0nL20NAF5ftcAyH9UUacWvY8',NULL,'ACTIVE',NULL,'MEMBER',1795282050391,1795282050391,'cat@example.com');
DELETE FROM main.sqlite_sequence WHERE name='api_keys';
INSERT INTO main.sqlite_sequence VALUES ('api_keys', 1);
DELETE FROM main.sqlite_sequence WHERE name='grants';
INSERT INTO main.sqlite_sequence VALUES ('grants', 1);
DELETE FROM main.sqlite_sequence WHERE name='messages';
INSERT INTO main.sqlite_sequence VALUES ('messages', 5);
DELETE FROM main.sqlite_sequence WHERE name='rooms';
INSERT INTO main.sqlite_sequence VALUES ('rooms', 6);
DELETE FROM main.sqlite_sequence WHERE name='users';
INSERT INTO main.sqlite_sequence VALUES ('users', 3);
pragma user_version=2;
COMMIT TRANSACTION;
