-- As the server of commit 1737732 left it: schema 5.
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
INSERT INTO acts VALUES(1,'01a1ff27-4e3f-7df8-98a8-512926220237','BAN_USER','USER','01a1ff27-36a7-7d14-bfdf-645f8050cf5f',1,'spam','{"duration_hours": null}',1795282128447);
CREATE INDEX acts_of_admin ON acts (by_id);
CREATE TABLE api_keys (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    INTEGER NOT NULL REFERENCES users (id),
    digest     TEXT NOT NULL UNIQUE,
    label      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;
INSERT INTO api_keys VALUES(1,2,'1a228ee1ae81d8694de13370fa96b64382a8737a45156b9bb3be1bfd1f088a16','a bot',1795282122559,NULL);
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
INSERT INTO events VALUES(1,1,'admitted',1795282122279,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(2,1,'admitted',1795282122291,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(3,1,'admitted',1795282122301,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(4,1,'admitted',1795282122445,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(4,2,'admitted',1795282122476,2,1,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(4,3,'said',1795282122482,1,NULL,1,'{"notified": [2]}');
INSERT INTO events VALUES(4,4,'said',1795282122489,1,NULL,2,NULL);
INSERT INTO events VALUES(4,5,'said',1795282122504,2,NULL,3,NULL);
INSERT INTO events VALUES(4,6,'said',1795282122510,1,NULL,4,NULL);
INSERT INTO events VALUES(4,7,'edited',1795282122536,1,NULL,2,NULL);
INSERT INTO events VALUES(4,8,'reacted',1795282122542,2,NULL,1,'{"uuid": "01a1ff27-372e-7968-af95-36237b2d347b", "emoji": "\ud83d\udc4d", "at": 1795282122542}');
INSERT INTO events VALUES(4,9,'deleted',1795282122547,1,1,4,NULL);
INSERT INTO events VALUES(4,10,'admitted',1795282122551,3,3,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(4,11,'left',1795282122555,3,3,NULL,NULL);
INSERT INTO events VALUES(5,1,'admitted',1795282122643,1,1,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(5,2,'admitted',1795282122644,2,1,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(5,3,'said',1795282122661,1,NULL,5,NULL);
INSERT INTO events VALUES(6,1,'admitted',1795282122706,1,1,NULL,'{"standing": "owner"}');
CREATE TABLE grants (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid    TEXT NOT NULL UNIQUE,
    user_id INTEGER NOT NULL REFERENCES users (id),
    role    TEXT NOT NULL,
    room_id INTEGER REFERENCES rooms (id),
    at      INTEGER NOT NULL,
    by_id   INTEGER REFERENCES users (id)
) STRICT;
INSERT INTO grants VALUES(1,'01a1ff27-48e0-7651-86ed-811660419ff8',1,'SUPER_ADMIN',NULL,1795282127071,NULL);
CREATE UNIQUE INDEX grants_of_user ON grants (user_id, coalesce(room_id, 0), role);
CREATE TABLE marks (
    room_id      INTEGER NOT NULL REFERENCES rooms (id),
    user_id      INTEGER NOT NULL REFERENCES users (id),
    read_id      INTEGER NOT NULL DEFAULT 0,
    delivered_id INTEGER NOT NULL DEFAULT 0,
    at           INTEGER NOT NULL,
    PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;
INSERT INTO marks VALUES(5,2,5,0,1795282122694);
CREATE TABLE memberships (
    room_id   INTEGER NOT NULL REFERENCES rooms (id),
    user_id   INTEGER NOT NULL REFERENCES users (id),
    standing  TEXT NOT NULL,
    joined_at INTEGER NOT NULL,
    PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;
INSERT INTO memberships VALUES(1,1,'owner',1795282122279);
INSERT INTO memberships VALUES(2,1,'owner',1795282122291);
INSERT INTO memberships VALUES(3,1,'owner',1795282122301);
INSERT INTO memberships VALUES(4,1,'owner',1795282122445);
INSERT INTO memberships VALUES(4,2,'member',1795282122476);
INSERT INTO memberships VALUES(5,1,'member',1795282122643);
INSERT INTO memberships VALUES(5,2,'member',1795282122644);
INSERT INTO memberships VALUES(6,1,'owner',1795282122706);
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
INSERT INTO messages VALUES(1,'01a1ff27-36f2-776e-906f-b5154e389565',4,3,1,'first, @bob',0,0,0,1795282122482,1795282122482);
INSERT INTO messages VALUES(2,'01a1ff27-36f9-793c-b4b8-7419f958a93b',4,4,1,'second, better',0,1,0,1795282122489,1795282122536);
INSERT INTO messages VALUES(3,'01a1ff27-3708-716f-893b-f6c9340cf5c8',4,5,2,'third',0,0,0,1795282122504,1795282122504);
INSERT INTO messages VALUES(4,'01a1ff27-370e-7a42-bfcb-3acc81708078',4,6,1,'',0,0,1,1795282122510,1795282122510);
INSERT INTO messages VALUES(5,'01a1ff27-37a3-7ea5-864e-a9b591e61119',5,3,1,'for bob alone',0,0,0,1795282122661,1795282122661);
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
INSERT INTO reactions VALUES('01a1ff27-372e-7968-af95-36237b2d347b',1,2,'👍',1795282122542);
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
INSERT INTO rooms VALUES(1,'01a1ff27-3626-7d4c-9479-e19d1deaf9b9','public','general','general','Talk about anything','rest',NULL,1,1795282122278,1795282122278,NULL,1,1795282122279,NULL);
INSERT INTO rooms VALUES(2,'01a1ff27-3632-7b59-8eec-99770417f382','public','random','random','Whatever fits nowhere else','rest',NULL,1,1795282122290,1795282122290,NULL,1,1795282122291,NULL);
INSERT INTO rooms VALUES(3,'01a1ff27-363c-778b-971d-27348ee79907','public','announcements','announcements','News for everyone','rest',NULL,1,1795282122300,1795282122300,NULL,1,1795282122301,NULL);
INSERT INTO rooms VALUES(4,'01a1ff27-36cc-7869-acaf-14fb5efa981d','public','tea','tea','about tea','rest',NULL,1,1795282122444,1795282122444,NULL,11,1795282122555,NULL);
INSERT INTO rooms VALUES(5,'01a1ff27-3792-70cd-90de-3594a1522138','direct','ann, bob',NULL,NULL,'direct',NULL,1,1795282122642,1795282122642,NULL,3,1795282122661,NULL);
INSERT INTO rooms VALUES(6,'01a1ff27-37d1-71d7-909a-b37f1bd0bf1e','public','den',NULL,NULL,'lobby',5,1,1795282122705,1795282122705,NULL,1,1795282122706,NULL);
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
INSERT INTO users VALUES(1,'01a1ff27-3619-7d6d-8826-cf4c37a0f4e6','ann','ann','Ann@example.com','$argon2id$v=19$m=8,t=1,p=1$cVzeFfhF9seN1hS+0UPhpw$tr/R/3dAqLLj48LPRs+j/ZCpCtu4mVHiE+p9iGCP9rM',NULL,'ACTIVE',NULL,'SUPER_ADMIN',1795282122265,1795282127071,'ann@example.com');
INSERT INTO users VALUES(2,'01a1ff27-3689-76bf-8d01-be0ca4ed1387','bob','bob','Bob@example.com','$argon2id$v=19$m=8,t=1,p=1$MDKsEXTQ0+/L1LSNRiQHNA$NyN77qf2L+6eWv4I3cp+0t6HBRT7cT7zn0TyvjSIlYw',NULL,'ACTIVE',NULL,'MEMBER',1795282122377,1795282122377,'bob@example.com');
INSERT INTO users VALUES(3,'01a1ff27-36a7-7d14-bfdf-645f8050cf5f','cat','cat','Cat@example.com','$argon2id$v=19$m=8,t=1,p=1$wTG2FvEGB7tVhiONOXgh3A$k8JgX4I92LUqkGFMR5nNZkZeIw3pbhS2teUER0ue7Dw',NULL,'BANNED',NULL,'MEMBER',1795282122407,1795282128447,'cat@example.com');
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
pragma user_version=5;
COMMIT TRANSACTION;
