-- As the server of commit 96b092f left it: schema 6.
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
INSERT INTO acts VALUES(1,'01a1ff3c-5f1d-7d39-a7e9-ef181dda0b09','BAN_USER','USER','01a1ff3c-20f6-7959-8aa3-b3a584d76161',1,'spam','{"duration_hours": null}',1795283509021);
CREATE INDEX acts_of_admin ON acts (by_id);
CREATE TABLE api_keys (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    INTEGER NOT NULL REFERENCES users (id),
    digest     TEXT NOT NULL UNIQUE,
    label      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;
INSERT INTO api_keys VALUES(1,2,'2b72369c3256ff954c9606cea6399a406bfad894b8b4c6e5c78e4def945fbf0f','a bot',1795283494477,NULL);
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
INSERT INTO events VALUES(1,1,'admitted',1795283492964,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(2,1,'admitted',1795283492981,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(3,1,'admitted',1795283492997,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(4,1,'admitted',1795283493180,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(4,2,'admitted',1795283493252,2,1,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(4,3,'said',1795283493285,1,NULL,1,'{"notified": [2]}');
INSERT INTO events VALUES(4,4,'said',1795283493358,1,NULL,2,NULL);
INSERT INTO events VALUES(4,5,'said',1795283493404,2,NULL,3,NULL);
INSERT INTO events VALUES(4,6,'said',1795283493463,1,NULL,4,NULL);
INSERT INTO events VALUES(4,7,'edited',1795283493500,1,NULL,2,NULL);
INSERT INTO events VALUES(4,8,'reacted',1795283494122,2,NULL,1,'{"uuid": "01a1ff3c-24e7-74c3-a03e-1e8fd86f67fb", "emoji": "\ud83d\udc4d", "at": 1795283494122}');
INSERT INTO events VALUES(4,9,'deleted',1795283494207,1,1,4,NULL);
INSERT INTO events VALUES(4,10,'admitted',1795283494283,3,3,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(4,11,'left',1795283494349,3,3,NULL,NULL);
INSERT INTO events VALUES(5,1,'admitted',1795283494788,1,1,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(5,2,'admitted',1795283494789,2,1,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(5,3,'said',1795283494820,1,NULL,5,NULL);
INSERT INTO events VALUES(6,1,'admitted',1795283494965,1,1,NULL,'{"standing": "owner"}');
CREATE TABLE grants (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid    TEXT NOT NULL UNIQUE,
    user_id INTEGER NOT NULL REFERENCES users (id),
    role    TEXT NOT NULL,
    room_id INTEGER REFERENCES rooms (id),
    at      INTEGER NOT NULL,
    by_id   INTEGER REFERENCES users (id)
) STRICT;
INSERT INTO grants VALUES(1,'01a1ff3c-567b-7be8-8a99-c0cb52520741',1,'SUPER_ADMIN',NULL,1795283506796,NULL);
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
INSERT INTO logins VALUES('01a1ff3c-203f-7986-b6d3-59285b10d007',1,1795283492930,1795285293000,1795285293000,NULL,NULL,NULL,NULL,1795283492930);
INSERT INTO logins VALUES('01a1ff3c-20b0-7439-bcf6-125c2d9c655f',2,1795283493047,1795285294000,1795285294000,NULL,NULL,NULL,NULL,1795283493047);
INSERT INTO logins VALUES('01a1ff3c-20eb-7287-9ec1-c4ed6b3be9c4',3,1795283493110,1795285294000,1795285294000,NULL,NULL,NULL,NULL,1795283493110);
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
INSERT INTO marks VALUES(5,2,5,0,1795283494891);
CREATE TABLE memberships (
    room_id   INTEGER NOT NULL REFERENCES rooms (id),
    user_id   INTEGER NOT NULL REFERENCES users (id),
    standing  TEXT NOT NULL,
    joined_at INTEGER NOT NULL,
    PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;
INSERT INTO memberships VALUES(1,1,'owner',1795283492964);
INSERT INTO memberships VALUES(2,1,'owner',1795283492981);
INSERT INTO memberships VALUES(3,1,'owner',1795283492997);
INSERT INTO memberships VALUES(4,1,'owner',1795283493180);
INSERT INTO memberships VALUES(4,2,'member',1795283493252);
INSERT INTO memberships VALUES(5,1,'member',1795283494788);
INSERT INTO memberships VALUES(5,2,'member',1795283494789);
INSERT INTO memberships VALUES(6,1,'owner',1795283494965);
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
INSERT INTO messages VALUES(1,'01a1ff3c-21a5-77a8-b771-5b7daf096cb4',4,3,1,'first, @bob',0,0,0,1795283493285,1795283493285);
INSERT INTO messages VALUES(2,'01a1ff3c-21ee-70b7-b7cd-20706e1ccd60',4,4,1,'second, better',0,1,0,1795283493358,1795283493500);
INSERT INTO messages VALUES(3,'01a1ff3c-221c-7cb6-9443-324e74906118',4,5,2,'third',0,0,0,1795283493404,1795283493404);
INSERT INTO messages VALUES(4,'01a1ff3c-2257-769b-ad67-2d84c4eb6acc',4,6,1,'',0,0,1,1795283493463,1795283493463);
INSERT INTO messages VALUES(5,'01a1ff3c-278b-7dfd-800e-f5951cb8dde3',5,3,1,'for bob alone',0,0,0,1795283494820,1795283494820);
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
INSERT INTO reactions VALUES('01a1ff3c-24e7-74c3-a03e-1e8fd86f67fb',1,2,'👍',1795283494122);
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
INSERT INTO rooms VALUES(1,'01a1ff3c-2063-748b-b8d8-31b597cc6c59','public','general','general','Talk about anything','rest',NULL,1,1795283492963,1795283492963,NULL,1,1795283492964,NULL);
INSERT INTO rooms VALUES(2,'01a1ff3c-2074-7021-b464-4a263f6cd909','public','random','random','Whatever fits nowhere else','rest',NULL,1,1795283492980,1795283492980,NULL,1,1795283492981,NULL);
INSERT INTO rooms VALUES(3,'01a1ff3c-2084-774d-aa28-3bce71bf35c9','public','announcements','announcements','News for everyone','rest',NULL,1,1795283492996,1795283492996,NULL,1,1795283492997,NULL);
INSERT INTO rooms VALUES(4,'01a1ff3c-213b-79a8-be05-7375a3676cf7','public','tea','tea','about tea','rest',NULL,1,1795283493179,1795283493179,NULL,11,1795283494349,NULL);
INSERT INTO rooms VALUES(5,'01a1ff3c-2783-778f-b9c6-8ac8a8dba63c','direct','ann, bob',NULL,NULL,'direct',NULL,1,1795283494787,1795283494787,NULL,3,1795283494820,NULL);
INSERT INTO rooms VALUES(6,'01a1ff3c-2834-7029-ae64-638299a70259','public','den',NULL,NULL,'lobby',5,1,1795283494964,1795283494964,NULL,1,1795283494965,NULL);
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
INSERT INTO users VALUES(1,'01a1ff3c-2042-7e20-940c-771c2f43a770','ann','ann','Ann@example.com','$argon2id$v=19$m=8,t=1,p=1$Xr2wuj68xRqbrQtOj4Msgw$wYL2fmAbgX6unSu8/CD7jWbXttR+znS1IDJARO36d7U',NULL,'ACTIVE',NULL,'SUPER_ADMIN',1795283492930,1795283506796,'ann@example.com',0);
INSERT INTO users VALUES(2,'01a1ff3c-20b7-715f-83dd-de1f7b0b9bef','bob','bob','Bob@example.com','$argon2id$v=19$m=8,t=1,p=1$UD7ofU3Edp7EIXz3Olt+4A$+S11LZvQLfVaPEVKdhv4TUDe4p88Ff6FWVP/QT0vf20',NULL,'ACTIVE',NULL,'MEMBER',1795283493047,1795283493047,'bob@example.com',0);
INSERT INTO users VALUES(3,'01a1ff3c-20f6-7959-8aa3-b3a584d76161','cat','cat','Cat@example.com','$argon2id$v=19$m=8,t=1,p=1$69ye6mja5e9yjgpHvMOEhw$PmCvdVR6ZLLTVEbqpiK/b+F25FoXPolYtNPvi/zKmco',NULL,'BANNED',NULL,'MEMBER',1795283493110,1795283509021,'cat@example.com',0);
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
pragma user_version=6;
COMMIT TRANSACTION;
