-- As the server of commit b97174d left it: schema 15.
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
INSERT INTO acts VALUES(1,'01a22c63-1121-723d-ae45-d7730ce3be46','BAN_USER','USER','01a22c62-f923-7433-9c60-7317c5ce00e5',1,'spam','{"duration_hours": null}',1796041019681);
CREATE TABLE api_keys (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    INTEGER NOT NULL REFERENCES users (id),
    digest     TEXT NOT NULL UNIQUE,
    label      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
, expires_at INTEGER, used_at INTEGER) STRICT;
INSERT INTO api_keys VALUES(1,2,'306232ea492ea36f834a87cdd8777d4b92e254fc46844953470b0c8dde880b32','a bot',1796041013673,NULL,NULL,NULL);
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
INSERT INTO events VALUES(1,1,'admitted',1796041013515,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(2,1,'admitted',1796041013520,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(3,1,'admitted',1796041013524,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(4,1,'admitted',1796041013553,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(4,2,'admitted',1796041013564,2,2,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(4,3,'said',1796041013571,1,NULL,1,'{"notified": [2]}');
INSERT INTO events VALUES(4,4,'said',1796041013588,1,NULL,2,NULL);
INSERT INTO events VALUES(4,5,'said',1796041013593,2,NULL,3,NULL);
INSERT INTO events VALUES(4,6,'said',1796041013603,1,NULL,4,NULL);
INSERT INTO events VALUES(4,7,'edited',1796041013613,1,NULL,2,NULL);
INSERT INTO events VALUES(4,8,'reacted',1796041013624,2,NULL,1,'{"uuid": "01a22c62-f978-7e66-bdb7-1eb79e4b23b4", "emoji": "\ud83d\udc4d", "at": 1796041013624}');
INSERT INTO events VALUES(4,9,'deleted',1796041013635,1,1,4,NULL);
INSERT INTO events VALUES(4,10,'admitted',1796041013645,3,3,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(4,11,'left',1796041013659,3,3,NULL,NULL);
INSERT INTO events VALUES(5,1,'admitted',1796041013712,1,1,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(5,2,'admitted',1796041013713,2,1,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(5,3,'said',1796041013725,1,NULL,5,NULL);
INSERT INTO events VALUES(6,1,'admitted',1796041013756,1,1,NULL,'{"standing": "owner"}');
CREATE TABLE grants (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid    TEXT NOT NULL UNIQUE,
    user_id INTEGER NOT NULL REFERENCES users (id),
    role    TEXT NOT NULL,
    room_id INTEGER REFERENCES rooms (id),
    at      INTEGER NOT NULL,
    by_id   INTEGER REFERENCES users (id)
) STRICT;
INSERT INTO grants VALUES(1,'01a22c63-00a5-7ace-a2e7-bc24c911466c',1,'SUPER_ADMIN',NULL,1796041015461,NULL);
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
INSERT INTO logins VALUES('01a22c62-f8e0-76a6-bd38-37ce86440c28',1,1796041013508,1796042814000,1796042814000,NULL,NULL,NULL,NULL,1796041013508);
INSERT INTO logins VALUES('01a22c62-f91a-755e-aa60-522e603adae6',2,1796041013530,1796042814000,1796042814000,NULL,NULL,NULL,NULL,1796041013530);
INSERT INTO logins VALUES('01a22c62-f923-7897-9b77-af9f2b59121d',3,1796041013539,1796042814000,1796042814000,NULL,NULL,NULL,NULL,1796041013539);
CREATE TABLE marks (
    room_id      INTEGER NOT NULL REFERENCES rooms (id),
    user_id      INTEGER NOT NULL REFERENCES users (id),
    read_id      INTEGER NOT NULL DEFAULT 0,
    delivered_id INTEGER NOT NULL DEFAULT 0,
    at           INTEGER NOT NULL,
    PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;
INSERT INTO marks VALUES(5,2,5,0,1796041013739);
CREATE TABLE memberships (
    room_id   INTEGER NOT NULL REFERENCES rooms (id),
    user_id   INTEGER NOT NULL REFERENCES users (id),
    standing  TEXT NOT NULL,
    joined_at INTEGER NOT NULL,
    PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;
INSERT INTO memberships VALUES(1,1,'owner',1796041013515);
INSERT INTO memberships VALUES(2,1,'owner',1796041013520);
INSERT INTO memberships VALUES(3,1,'owner',1796041013524);
INSERT INTO memberships VALUES(4,1,'owner',1796041013553);
INSERT INTO memberships VALUES(4,2,'member',1796041013564);
INSERT INTO memberships VALUES(5,1,'member',1796041013712);
INSERT INTO memberships VALUES(5,2,'member',1796041013713);
INSERT INTO memberships VALUES(6,1,'owner',1796041013756);
CREATE TABLE mentions (
    message_id INTEGER NOT NULL REFERENCES messages (id),
    user_id    INTEGER NOT NULL REFERENCES users (id), place INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (message_id, user_id)
) STRICT, WITHOUT ROWID;
INSERT INTO mentions VALUES(1,2,1);
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
, progress INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO messages VALUES(1,'01a22c62-f943-7184-8b67-d663b556bb83',4,3,1,'first, @bob',0,0,0,1796041013571,1796041013571,0);
INSERT INTO messages VALUES(2,'01a22c62-f954-7621-992d-85abb8366102',4,4,1,'second, better',0,1,0,1796041013588,1796041013613,0);
INSERT INTO messages VALUES(3,'01a22c62-f959-7381-af8f-0caac67c4cc6',4,5,2,'third',0,0,0,1796041013593,1796041013593,0);
INSERT INTO messages VALUES(4,'01a22c62-f963-7917-adb5-2d7d0606da13',4,6,1,'',0,0,1,1796041013603,1796041013603,0);
INSERT INTO messages VALUES(5,'01a22c62-f9dd-7cdb-8c3a-b9c630ed0840',5,3,1,'for bob alone',0,0,0,1796041013725,1796041013725,2);
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
INSERT INTO reactions VALUES('01a22c62-f978-7e66-bdb7-1eb79e4b23b4',1,2,'👍',1796041013624);
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
, visited_at INTEGER, bore TEXT) STRICT;
INSERT INTO rooms VALUES(1,'01a22c62-f90a-76e7-a4b0-e5ac9b5b0ffd','public','general','general','Talk about anything','rest',NULL,NULL,1796041013514,1796041013514,NULL,1,1796041013515,NULL,NULL);
INSERT INTO rooms VALUES(2,'01a22c62-f90f-7471-83b9-f1f6829e7f5e','public','random','random','Whatever fits nowhere else','rest',NULL,NULL,1796041013519,1796041013519,NULL,1,1796041013520,NULL,NULL);
INSERT INTO rooms VALUES(3,'01a22c62-f913-7515-90d1-f602fe98eb9b','public','announcements','announcements','News for everyone','rest',NULL,NULL,1796041013523,1796041013523,NULL,1,1796041013524,NULL,NULL);
INSERT INTO rooms VALUES(4,'01a22c62-f930-7052-9bd2-554c1028635e','public','tea','tea','about tea','rest',NULL,1,1796041013552,1796041013552,NULL,11,1796041013659,NULL,NULL);
INSERT INTO rooms VALUES(5,'01a22c62-f9cf-7021-9787-2fda64e498c2','direct','ann, bob',NULL,NULL,'direct',NULL,1,1796041013711,1796041013711,NULL,3,1796041013725,NULL,NULL);
INSERT INTO rooms VALUES(6,'01a22c62-f9fb-74c7-a709-7acac77d3f85','public','den',NULL,NULL,'lobby',5,1,1796041013755,1796041013755,NULL,1,1796041013756,NULL,NULL);
CREATE TABLE sends (
    room_id    INTEGER NOT NULL REFERENCES rooms (id),
    key        TEXT NOT NULL,
    user_id    INTEGER NOT NULL REFERENCES users (id),
    message_id INTEGER NOT NULL REFERENCES messages (id),
    digest     BLOB NOT NULL,
    PRIMARY KEY (room_id, key, user_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE signing (
    one             INTEGER PRIMARY KEY CHECK (one = 1),
    kid             TEXT,
    everyone_out_at INTEGER NOT NULL DEFAULT 0,
    moved           INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO signing VALUES(1,'6ec4ef40199ce245',0,0);
CREATE TABLE tickets (
    digest        TEXT NOT NULL PRIMARY KEY,
    user_id       INTEGER NOT NULL REFERENCES users (id),
    login         TEXT NOT NULL,
    issued_at     INTEGER,
    token_expires INTEGER NOT NULL,
    expires_at    INTEGER NOT NULL
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
, folded_email TEXT, tokens_since INTEGER NOT NULL DEFAULT 0, name_key TEXT NOT NULL DEFAULT '') STRICT;
INSERT INTO users VALUES(1,'01a22c62-f904-7eff-b1af-d5a2efd38e94','ann','ann','Ann@example.com','$argon2id$v=19$m=8,t=1,p=1$MY2Ou+Qov72DVLBE6otIsQ$BiOVH4Gmf3AhXKW42N5UzHNS5fnkFNWdGpJ0T1fj1YM',NULL,'ACTIVE',NULL,'SUPER_ADMIN',1796041013508,1796041015461,'ann@example.com',0,'ann');
INSERT INTO users VALUES(2,'01a22c62-f91a-75ca-b340-1046ec57f130','bob','bob','Bob@example.com','$argon2id$v=19$m=8,t=1,p=1$XoGPkN4tpFswjuioBOABEg$4wrdFSyw6pMVVCKMiEe1QCFCio0u3OB1V1vjtrVWCgo',NULL,'ACTIVE',NULL,'MEMBER',1796041013530,1796041013530,'bob@example.com',0,'bob');
INSERT INTO users VALUES(3,'01a22c62-f923-7433-9c60-7317c5ce00e5','cat','cat','Cat@example.com','$argon2id$v=19$m=8,t=1,p=1$BU0Brb7nBneKUF1uspf4AA$LS4Qilaea3gjhjIajOIR5wrSIhq8VJhL5Y7MTzkJqCo',NULL,'BANNED',NULL,'MEMBER',1796041013539,1796041019681,'cat@example.com',0,'cat');
CREATE VIRTUAL TABLE user_names USING fts5 (
    folded, folded_email,
    content = 'users', content_rowid = 'id', tokenize = 'trigram case_sensitive 1'
);
INSERT INTO user_names (user_names) VALUES ('rebuild');
CREATE INDEX acts_of_admin ON acts (by_id);
CREATE INDEX api_keys_of_user ON api_keys (user_id);
CREATE INDEX grants_of_room ON grants (room_id) WHERE room_id IS NOT NULL;
CREATE UNIQUE INDEX grants_of_user ON grants (user_id, coalesce(room_id, 0), role);
CREATE INDEX logins_expired ON logins (expires_at);
CREATE INDEX logins_of_user ON logins (user_id, expires_at);
CREATE INDEX members_of_room ON memberships (room_id, joined_at, user_id);
CREATE INDEX memberships_of_user ON memberships (user_id, joined_at, room_id);
CREATE INDEX mentions_of_user ON mentions (user_id, message_id);
CREATE INDEX messages_of_room ON messages (room_id, id) WHERE deleted = 0;
CREATE INDEX reactions_of_message ON reactions (message_id, created_at);
CREATE INDEX reactions_of_user ON reactions (user_id, created_at);
CREATE INDEX rooms_bore ON rooms (bore) WHERE bore IS NOT NULL;
CREATE INDEX rooms_made ON rooms (created_by, origin);
CREATE INDEX rooms_made_at ON rooms (created_by, created_at);
CREATE INDEX rooms_visited ON rooms (visited_at)
    WHERE visited_at IS NOT NULL AND archived_at IS NULL;
CREATE INDEX tickets_expired ON tickets (expires_at);
CREATE INDEX tickets_of_user ON tickets (user_id, expires_at);
CREATE INDEX users_by_address ON users (folded_email);
CREATE INDEX users_by_name ON users (folded, id);
CREATE INDEX users_by_name_key ON users (name_key);
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
DELETE FROM sqlite_sequence WHERE name = 'acts';
INSERT INTO sqlite_sequence VALUES ('acts', 1);
DELETE FROM sqlite_sequence WHERE name = 'api_keys';
INSERT INTO sqlite_sequence VALUES ('api_keys', 1);
DELETE FROM sqlite_sequence WHERE name = 'grants';
INSERT INTO sqlite_sequence VALUES ('grants', 1);
DELETE FROM sqlite_sequence WHERE name = 'messages';
INSERT INTO sqlite_sequence VALUES ('messages', 5);
DELETE FROM sqlite_sequence WHERE name = 'rooms';
INSERT INTO sqlite_sequence VALUES ('rooms', 6);
DELETE FROM sqlite_sequence WHERE name = 'users';
INSERT INTO sqlite_sequence VALUES ('users', 3);
PRAGMA user_version = 15;
COMMIT TRANSACTION;
