-- As the server of commit 9f1ac78 left it: schema 4.
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
INSERT INTO acts VALUES(1,'01a1ff26-6fab-718e-8915-d372315f9a94','BAN_USER','USER','01a1ff26-5ca2-7a9d-b930-38ab8b4c73f6',1,'spam','{"duration_hours": null}',1795282071467);
CREATE INDEX acts_of_admin ON acts (by_id);
CREATE TABLE api_keys (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    INTEGER NOT NULL REFERENCES users (id),
    digest     TEXT NOT NULL UNIQUE,
    label      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;
INSERT INTO api_keys VALUES(1,2,'6340b29ec573118ce11457bd393c74ebe2496b072673a49701f9134eb398c995','a bot',1795282066867,NULL);
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
INSERT INTO events VALUES(1,1,'admitted',1795282066532,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(2,1,'admitted',1795282066536,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(3,1,'admitted',1795282066540,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(4,1,'admitted',1795282066620,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(4,2,'admitted',1795282066647,2,1,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(4,3,'said',1795282066672,1,NULL,1,'{"notified": [2]}');
INSERT INTO events VALUES(4,4,'said',1795282066699,1,NULL,2,NULL);
INSERT INTO events VALUES(4,5,'said',1795282066722,2,NULL,3,NULL);
INSERT INTO events VALUES(4,6,'said',1795282066743,1,NULL,4,NULL);
INSERT INTO events VALUES(4,7,'edited',1795282066764,1,NULL,2,NULL);
INSERT INTO events VALUES(4,8,'reacted',1795282066792,2,NULL,1,'{"uuid": "01a1ff26-5d68-7481-a5bf-c3b804f8dd22", "emoji": "\ud83d\udc4d", "at": 1795282066792}');
INSERT INTO events VALUES(4,9,'deleted',1795282066811,1,1,4,NULL);
INSERT INTO events VALUES(4,10,'admitted',1795282066828,3,3,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(4,11,'left',1795282066847,3,3,NULL,NULL);
INSERT INTO events VALUES(5,1,'admitted',1795282066960,1,1,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(5,2,'admitted',1795282066961,2,1,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(5,3,'said',1795282066968,1,NULL,5,NULL);
INSERT INTO events VALUES(6,1,'admitted',1795282067037,1,1,NULL,'{"standing": "owner"}');
CREATE TABLE grants (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid    TEXT NOT NULL UNIQUE,
    user_id INTEGER NOT NULL REFERENCES users (id),
    role    TEXT NOT NULL,
    room_id INTEGER REFERENCES rooms (id),
    at      INTEGER NOT NULL,
    by_id   INTEGER REFERENCES users (id)
) STRICT;
INSERT INTO grants VALUES(1,'01a1ff26-6bf2-7ea6-b07f-27f7950e5f8e',1,'SUPER_ADMIN',NULL,1795282070506,NULL);
CREATE UNIQUE INDEX grants_of_user ON grants (user_id, coalesce(room_id, 0), role);
CREATE TABLE marks (
    room_id      INTEGER NOT NULL REFERENCES rooms (id),
    user_id      INTEGER NOT NULL REFERENCES users (id),
    read_id      INTEGER NOT NULL DEFAULT 0,
    delivered_id INTEGER NOT NULL DEFAULT 0,
    at           INTEGER NOT NULL,
    PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;
INSERT INTO marks VALUES(5,2,5,0,1795282067001);
CREATE TABLE memberships (
    room_id   INTEGER NOT NULL REFERENCES rooms (id),
    user_id   INTEGER NOT NULL REFERENCES users (id),
    standing  TEXT NOT NULL,
    joined_at INTEGER NOT NULL,
    PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;
INSERT INTO memberships VALUES(1,1,'owner',1795282066532);
INSERT INTO memberships VALUES(2,1,'owner',1795282066536);
INSERT INTO memberships VALUES(3,1,'owner',1795282066540);
INSERT INTO memberships VALUES(4,1,'owner',1795282066620);
INSERT INTO memberships VALUES(4,2,'member',1795282066647);
INSERT INTO memberships VALUES(5,1,'member',1795282066960);
INSERT INTO memberships VALUES(5,2,'member',1795282066961);
INSERT INTO memberships VALUES(6,1,'owner',1795282067037);
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
INSERT INTO messages VALUES(1,'01a1ff26-5cf0-73f3-b8c3-b544f6a28dfe',4,3,1,'first, @bob',0,0,0,1795282066672,1795282066672);
INSERT INTO messages VALUES(2,'01a1ff26-5d0b-7949-a247-c5a4f83c3324',4,4,1,'second, better',0,1,0,1795282066699,1795282066764);
INSERT INTO messages VALUES(3,'01a1ff26-5d21-7554-8632-741a5f24c362',4,5,2,'third',0,0,0,1795282066722,1795282066722);
INSERT INTO messages VALUES(4,'01a1ff26-5d37-7a7d-97ee-131602877411',4,6,1,'',0,0,1,1795282066743,1795282066743);
INSERT INTO messages VALUES(5,'01a1ff26-5e17-7c8b-a18b-445afe9da76b',5,3,1,'for bob alone',0,0,0,1795282066968,1795282066968);
CREATE INDEX messages_of_room ON messages (room_id, id) WHERE deleted = 0;
CREATE TABLE outsiders (
    issuer     TEXT NOT NULL,
    subject    TEXT NOT NULL,
    user_id    INTEGER NOT NULL UNIQUE REFERENCES users (id),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;
CREATE TABLE reactions (
    uuid       TEXT NOT NULL PRIMARY KEY,
    message_id INTEGER NOT NULL REFERENCES messages (id),
    user_id    INTEGER NOT NULL REFERENCES users (id),
    emoji      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (message_id, user_id, emoji)
) STRICT, WITHOUT ROWID;
INSERT INTO reactions VALUES('01a1ff26-5d68-7481-a5bf-c3b804f8dd22',1,2,'👍',1795282066792);
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
INSERT INTO rooms VALUES(1,'01a1ff26-5c63-7f95-bf0d-2c169e237011','public','general','general','Talk about anything','rest',NULL,1,1795282066531,1795282066531,NULL,1,1795282066532,NULL);
INSERT INTO rooms VALUES(2,'01a1ff26-5c67-7e64-9ca5-ccfdcaa7b8fc','public','random','random','Whatever fits nowhere else','rest',NULL,1,1795282066535,1795282066535,NULL,1,1795282066536,NULL);
INSERT INTO rooms VALUES(3,'01a1ff26-5c6b-7d07-ac72-f68fd91d0b8b','public','announcements','announcements','News for everyone','rest',NULL,1,1795282066539,1795282066539,NULL,1,1795282066540,NULL);
INSERT INTO rooms VALUES(4,'01a1ff26-5cbb-768d-9e60-17f0f38490bc','public','tea','tea','about tea','rest',NULL,1,1795282066619,1795282066619,NULL,11,1795282066847,NULL);
INSERT INTO rooms VALUES(5,'01a1ff26-5e0f-70a1-b0ef-d3929d22988c','direct','ann, bob',NULL,NULL,'direct',NULL,1,1795282066959,1795282066959,NULL,3,1795282066968,NULL);
INSERT INTO rooms VALUES(6,'01a1ff26-5e5c-7a30-a796-238043939bc2','public','den',NULL,NULL,'lobby',5,1,1795282067036,1795282067036,NULL,1,1795282067037,NULL);
CREATE INDEX rooms_made ON rooms (created_by, origin);
CREATE INDEX rooms_visited ON rooms (visited_at)
    WHERE visited_at IS NOT NULL AND archived_at IS NULL;
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
INSERT INTO users VALUES(1,'01a1ff26-5c57-7d3a-926e-df506d97763d','ann','ann','Ann@example.com','$argon2id$v=19$m=8,t=1,p=1$mQI0mBoiPCAC+Wd5A7WR+w$pnWXxS7kG16G4YTWWPDfgZgt0tGOzSaSKPVbHNRTQWI',NULL,'ACTIVE',NULL,'SUPER_ADMIN',1795282066519,1795282070506,'ann@example.com');
INSERT INTO users VALUES(2,'01a1ff26-5c88-7736-9ab4-54042e697ec0','bob','bob','Bob@example.com','$argon2id$v=19$m=8,t=1,p=1$uIQyoVUgTI2Dzb3eCv/gyA$4waXoRQi9SLoV1Lj4pxaprXyf8iF51XhmLzoRCXMzhw',NULL,'ACTIVE',NULL,'MEMBER',1795282066568,1795282066568,'bob@example.com');
INSERT INTO users VALUES(3,'01a1ff26-5ca2-7a9d-b930-38ab8b4c73f6','cat','cat','Cat@example.com','$argon2id$v=19$m=8,t=1,p=1$G1rNu+jFElB/90hq3LMM/A$onAb8KOjm62W+5gyYIQtP7Lt8Qni2gNKRbuo84mh6XA',NULL,'BANNED',NULL,'MEMBER',1795282066594,1795282071467,'cat@example.com');
DELETE FROM main.sqlite_sequence WHERE name='acts';
INSERT INTO main.sqlite_sequence VALUES ('acts', 1);
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
pragma user_version=4;
COMMIT TRANSACTION;
