-- As the server of commit 09189ad left it: schema 3.
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
INSERT INTO acts VALUES(1,'01a1ff26-486f-795b-bf19-8945b2d266ab','BAN_USER','USER','01a1ff26-3963-7411-b838-db680ac14ddb',1,'spam','{"duration_hours": null}',1795282061423);
CREATE INDEX acts_of_admin ON acts (by_id);
CREATE TABLE api_keys (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    INTEGER NOT NULL REFERENCES users (id),
    digest     TEXT NOT NULL UNIQUE,
    label      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;
INSERT INTO api_keys VALUES(1,2,'05787c20b7ae2aea2e3df2aa81f885eb838220fab847560656753a9f15139292','a bot',1795282057876,NULL);
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
INSERT INTO events VALUES(1,1,'admitted',1795282057504,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(2,1,'admitted',1795282057510,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(3,1,'admitted',1795282057520,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(4,1,'admitted',1795282057596,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(4,2,'admitted',1795282057621,2,1,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(4,3,'said',1795282057651,1,NULL,1,'{"notified": [2]}');
INSERT INTO events VALUES(4,4,'said',1795282057682,1,NULL,2,NULL);
INSERT INTO events VALUES(4,5,'said',1795282057703,2,NULL,3,NULL);
INSERT INTO events VALUES(4,6,'said',1795282057735,1,NULL,4,NULL);
INSERT INTO events VALUES(4,7,'edited',1795282057759,1,NULL,2,NULL);
INSERT INTO events VALUES(4,8,'reacted',1795282057791,2,NULL,1,'{"uuid": "01a1ff26-3a3e-79a7-90c2-c6a5bca43ece", "emoji": "\ud83d\udc4d", "at": 1795282057791}');
INSERT INTO events VALUES(4,9,'deleted',1795282057815,1,1,4,NULL);
INSERT INTO events VALUES(4,10,'admitted',1795282057835,3,3,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(4,11,'left',1795282057859,3,3,NULL,NULL);
INSERT INTO events VALUES(5,1,'admitted',1795282057956,1,1,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(5,2,'admitted',1795282057957,2,1,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(5,3,'said',1795282057967,1,NULL,5,NULL);
INSERT INTO events VALUES(6,1,'admitted',1795282058029,1,1,NULL,'{"standing": "owner"}');
CREATE TABLE grants (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid    TEXT NOT NULL UNIQUE,
    user_id INTEGER NOT NULL REFERENCES users (id),
    role    TEXT NOT NULL,
    room_id INTEGER REFERENCES rooms (id),
    at      INTEGER NOT NULL,
    by_id   INTEGER REFERENCES users (id)
) STRICT;
INSERT INTO grants VALUES(1,'01a1ff26-452a-7b65-b9ad-1d960068972c',1,'SUPER_ADMIN',NULL,1795282060583,NULL);
CREATE UNIQUE INDEX grants_of_user ON grants (user_id, coalesce(room_id, 0), role);
CREATE TABLE marks (
    room_id      INTEGER NOT NULL REFERENCES rooms (id),
    user_id      INTEGER NOT NULL REFERENCES users (id),
    read_id      INTEGER NOT NULL DEFAULT 0,
    delivered_id INTEGER NOT NULL DEFAULT 0,
    at           INTEGER NOT NULL,
    PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;
INSERT INTO marks VALUES(5,2,5,0,1795282058000);
CREATE TABLE memberships (
    room_id   INTEGER NOT NULL REFERENCES rooms (id),
    user_id   INTEGER NOT NULL REFERENCES users (id),
    standing  TEXT NOT NULL,
    joined_at INTEGER NOT NULL,
    PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;
INSERT INTO memberships VALUES(1,1,'owner',1795282057504);
INSERT INTO memberships VALUES(2,1,'owner',1795282057510);
INSERT INTO memberships VALUES(3,1,'owner',1795282057520);
INSERT INTO memberships VALUES(4,1,'owner',1795282057596);
INSERT INTO memberships VALUES(4,2,'member',1795282057621);
INSERT INTO memberships VALUES(5,1,'member',1795282057956);
INSERT INTO memberships VALUES(5,2,'member',1795282057957);
INSERT INTO memberships VALUES(6,1,'owner',1795282058029);
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
INSERT INTO messages VALUES(1,'01a1ff26-39b3-786b-b9bf-570d1fb2dec5',4,3,1,'first, @bob',0,0,0,1795282057651,1795282057651);
INSERT INTO messages VALUES(2,'01a1ff26-39d2-7188-b9e0-8f163faf0c53',4,4,1,'second, better',0,1,0,1795282057682,1795282057759);
INSERT INTO messages VALUES(3,'01a1ff26-39e7-7bc8-a66a-74e7f2570454',4,5,2,'third',0,0,0,1795282057703,1795282057703);
INSERT INTO messages VALUES(4,'01a1ff26-3a07-78a3-9659-0cf8e9bcb44c',4,6,1,'',0,0,1,1795282057735,1795282057735);
INSERT INTO messages VALUES(5,'01a1ff26-3aec-711e-a32b-54d85ee160d6',5,3,1,'for bob alone',0,0,0,1795282057967,1795282057967);
CREATE INDEX messages_of_room ON messages (room_id, id) WHERE deleted = 0;
CREATE TABLE reactions (
    uuid       TEXT NOT NULL PRIMARY KEY,
    message_id INTEGER NOT NULL REFERENCES messages (id),
    user_id    INTEGER NOT NULL REFERENCES users (id),
    emoji      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (message_id, user_id, emoji)
) STRICT, WITHOUT ROWID;
INSERT INTO reactions VALUES('01a1ff26-3a3e-79a7-90c2-c6a5bca43ece',1,2,'👍',1795282057791);
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
INSERT INTO rooms VALUES(1,'01a1ff26-391f-7421-93a5-cf6d77c4f843','public','general','general','Talk about anything','rest',NULL,1,1795282057503,1795282057503,NULL,1,1795282057504,NULL);
INSERT INTO rooms VALUES(2,'01a1ff26-3925-7e39-87cc-9b45053b40b7','public','random','random','Whatever fits nowhere else','rest',NULL,1,1795282057509,1795282057509,NULL,1,1795282057510,NULL);
INSERT INTO rooms VALUES(3,'01a1ff26-392f-7118-8dee-f53104c1ebd2','public','announcements','announcements','News for everyone','rest',NULL,1,1795282057519,1795282057519,NULL,1,1795282057520,NULL);
INSERT INTO rooms VALUES(4,'01a1ff26-397b-7b9d-8028-c8e56f7b8b5a','public','tea','tea','about tea','rest',NULL,1,1795282057595,1795282057595,NULL,11,1795282057859,NULL);
INSERT INTO rooms VALUES(5,'01a1ff26-3ae3-79eb-97df-dbf8bcf71214','direct','ann, bob',NULL,NULL,'direct',NULL,1,1795282057955,1795282057955,NULL,3,1795282057967,NULL);
INSERT INTO rooms VALUES(6,'01a1ff26-3b2c-7ea1-8bdd-1fac894bd536','public','den',NULL,NULL,'lobby',5,1,1795282058028,1795282058028,NULL,1,1795282058029,NULL);
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
INSERT INTO users VALUES(1,'01a1ff26-3917-70db-9fe4-058d14c60ee2','ann','ann','Ann@example.com','$argon2id$v=19$m=8,t=1,p=1$hHg64fF0ZNfIO58E0idiHw$l0FnhePtscdW9YDEkOmTwMFkUtpqoqsKEQKzUmbSpmc',NULL,'ACTIVE',NULL,'SUPER_ADMIN',1795282057495,1795282060583,'ann@example.com');
INSERT INTO users VALUES(2,'01a1ff26-394a-7e77-ab29-4167a1879fce','bob','bob','Bob@example.com','$argon2id$v=19$m=8,t=1,p=1$vh2zz7u6lXM/I/RqLJPN/g$LcnfJcHz3U/qgwAd5v/vetxMf+blndZRYc7us5fCcUo',NULL,'ACTIVE',NULL,'MEMBER',1795282057546,1795282057546,'bob@example.com');
INSERT INTO users VALUES(3,'01a1ff26-3963-7411-b838-db680ac14ddb','cat','cat','Cat@example.com','$argon2id$v=19$m=8,t=1,p=1$WrcUt8xhclv014hVa/xL6w$uof2zUfiM8WTf2dNYgRGb9V4IqOnV9hJDBYhFHysdlY',NULL,'BANNED',NULL,'MEMBER',1795282057571,1795282061423,'cat@example.com');
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
pragma user_version=3;
COMMIT TRANSACTION;
