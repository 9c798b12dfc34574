-- As the server of commit 4294406 left it: schema 1.
BEGIN TRANSACTION;
CREATE TABLE api_keys (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    INTEGER NOT NULL REFERENCES users (id),
    digest     TEXT NOT NULL UNIQUE,
    label      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;
INSERT INTO api_keys VALUES(1,2,'a2d881a5b3c8169126c005bc8352b808a3ab58e26be0b8e3a5ab422f678113de','a bot',1795282044119,NULL);
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
INSERT INTO events VALUES(1,1,'admitted',1795282044013,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(2,1,'admitted',1795282044018,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(3,1,'admitted',1795282044019,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(4,1,'admitted',1795282044040,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(4,2,'admitted',1795282044047,2,1,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(4,3,'said',1795282044055,1,NULL,1,'{"notified": [2]}');
INSERT INTO events VALUES(4,4,'said',1795282044062,1,NULL,2,NULL);
INSERT INTO events VALUES(4,5,'said',1795282044067,2,NULL,3,NULL);
INSERT INTO events VALUES(4,6,'said',1795282044077,1,NULL,4,NULL);
INSERT INTO events VALUES(4,7,'edited',1795282044089,1,NULL,2,NULL);
INSERT INTO events VALUES(4,8,'reacted',1795282044095,2,NULL,1,'{"uuid": "01a1ff26-04bf-741e-bfe4-4504b735e233", "emoji": "\ud83d\udc4d", "at": 1795282044095}');
INSERT INTO events VALUES(4,9,'deleted',1795282044101,1,1,4,NULL);
INSERT INTO events VALUES(4,10,'admitted',1795282044109,3,3,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(4,11,'left',1795282044113,3,3,NULL,NULL);
INSERT INTO events VALUES(5,1,'admitted',1795282044137,1,1,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(5,2,'admitted',1795282044138,2,1,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(5,3,'said',1795282044140,1,NULL,5,NULL);
INSERT INTO events VALUES(6,1,'admitted',1795282044154,1,1,NULL,'{"standing": "owner"}');
CREATE TABLE marks (
    room_id      INTEGER NOT NULL REFERENCES rooms (id),
    user_id      INTEGER NOT NULL REFERENCES users (id),
    read_id      INTEGER NOT NULL DEFAULT 0,
    delivered_id INTEGER NOT NULL DEFAULT 0,
    at           INTEGER NOT NULL,
    PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;
INSERT INTO marks VALUES(5,2,5,0,1795282044146);
CREATE TABLE memberships (
    room_id   INTEGER NOT NULL REFERENCES rooms (id),
    user_id   INTEGER NOT NULL REFERENCES users (id),
    standing  TEXT NOT NULL,
    joined_at INTEGER NOT NULL,
    PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;
INSERT INTO memberships VALUES(1,1,'owner',1795282044013);
INSERT INTO memberships VALUES(2,1,'owner',1795282044018);
INSERT INTO memberships VALUES(3,1,'owner',1795282044019);
INSERT INTO memberships VALUES(4,1,'owner',1795282044040);
INSERT INTO memberships VALUES(4,2,'member',1795282044047);
INSERT INTO memberships VALUES(5,1,'member',1795282044137);
INSERT INTO memberships VALUES(5,2,'member',1795282044138);
INSERT INTO memberships VALUES(6,1,'owner',1795282044154);
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
INSERT INTO messages VALUES(1,'01a1ff26-0497-7002-835f-42ec02824803',4,3,1,'first, @bob',0,0,0,1795282044055,1795282044055);
INSERT INTO messages VALUES(2,'01a1ff26-049e-7b53-9dd2-2e6fac2c9111',4,4,1,'second, better',0,1,0,1795282044062,1795282044089);
INSERT INTO messages VALUES(3,'01a1ff26-04a3-7cc9-81c8-9b9ca5dc7d1c',4,5,2,'third',0,0,0,1795282044067,1795282044067);
INSERT INTO messages VALUES(4,'01a1ff26-04ac-7a91-bdbd-6dcf999264d0',4,6,1,'',0,0,1,1795282044077,1795282044077);
INSERT INTO messages VALUES(5,'01a1ff26-04eb-79d5-9db2-75041f95b7ba',5,3,1,'for bob alone',0,0,0,1795282044140,1795282044140);
CREATE INDEX messages_of_room ON messages (room_id, id) WHERE deleted = 0;
CREATE TABLE reactions (
    uuid       TEXT NOT NULL PRIMARY KEY,
    message_id INTEGER NOT NULL REFERENCES messages (id),
    user_id    INTEGER NOT NULL REFERENCES users (id),
    emoji      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (message_id, user_id, emoji)
) STRICT, WITHOUT ROWID;
INSERT INTO reactions VALUES('01a1ff26-04bf-741e-bfe4-4504b735e233',1,2,'👍',1795282044095);
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
INSERT INTO rooms VALUES(1,'01a1ff26-046c-783d-a386-ff02e090cd8e','public','general','general','Talk about anything','rest',NULL,1,1795282044012,1795282044012,NULL,1,1795282044013);
INSERT INTO rooms VALUES(2,'01a1ff26-0471-74db-8230-50074a951960','public','random','random','Whatever fits nowhere else','rest',NULL,1,1795282044017,1795282044017,NULL,1,1795282044018);
INSERT INTO rooms VALUES(3,'01a1ff26-0472-7659-bd39-b63f8cb6f556','public','announcements','announcements','News for everyone','rest',NULL,1,1795282044018,1795282044018,NULL,1,1795282044019);
INSERT INTO rooms VALUES(4,'01a1ff26-0487-7a81-863c-0dc10459b575','public','tea','tea','about tea','rest',NULL,1,1795282044039,1795282044039,NULL,11,1795282044113);
INSERT INTO rooms VALUES(5,'01a1ff26-04e8-7610-ab66-f884f935fb63','direct','ann, bob',NULL,NULL,'direct',NULL,1,1795282044136,1795282044136,NULL,3,1795282044140);
INSERT INTO rooms VALUES(6,'01a1ff26-04f9-7024-bb37-16ea9afb7d0a','public','den',NULL,NULL,'lobby',5,1,1795282044153,1795282044153,NULL,1,1795282044154);
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
) STRICT;
INSERT INTO users VALUES(1,'01a1ff26-0467-7cda-adc5-6a5b1ecc9b17','ann','ann','Ann@example.com','$argon2id$v=19$m=8,t=1,p=1$Cs9eSy8cnCIrbG7umybxwA$nJwC1rcQcr1pocAITMx4Y8zspJHO+LE68tR6olGpWIM',NULL,'ACTIVE',NULL,'SUPER_ADMIN',1795282044007,1795282045454);
INSERT INTO users VALUES(2,'01a1ff26-047b-73fb-ab87-6586d3ceb8e9','bob','bob','Bob@example.com','$argon2id$v=19$m=8,t=1,p=1$hY9hK2qAbyNbg+ow/ksKCA$i2PVh4UYEhRgKMdG49ASZN12ZbSMOKREof8/LsmFtxg',NULL,'ACTIVE',NULL,'MEMBER',1795282044027,1795282044027);
INSERT INTO users VALUES(3,'01a1ff26-0482-74b2-900f-64b5deb2566b','cat','cat','Cat@example.com','$argon2id$v=19$m=8,t=1,p=1$HtLXrWWTQg2aTh/eSx2iRQ$RSPN2zcf513zoHosVeeVEctBuoJLl4ZtwLhas4mNEX4',NULL,'ACTIVE',NULL,'MEMBER',1795282044034,1795282044034);
DELETE FROM main.sqlite_sequence WHERE name='api_keys';
INSERT INTO main.sqlite_sequence VALUES ('api_keys', 1);
DELETE FROM main.sqlite_sequence WHERE name='messages';
INSERT INTO main.sqlite_sequence VALUES ('messages', 5);
DELETE FROM main.sqlite_sequence WHERE name='rooms';
INSERT INTO main.sqlite_sequence VALUES ('rooms', 6);
DELETE FROM main.sqlite_sequence WHERE name='users';
INSERT INTO main.sqlite_sequence VALUES ('users', 3);
pragma user_version=1;
COMMIT TRANSACTION;
