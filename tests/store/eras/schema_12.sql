-- As the server of commit 4ad0346 left it: schema 12.
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
INSERT INTO acts VALUES(1,'01a22c59-ae24-7d97-a4e5-c6cf0880e9b1','BAN_USER','USER','01a22c59-92eb-7da9-a322-6022ff958bff',1,'spam','{"duration_hours": null}',1796040404516);
CREATE INDEX acts_of_admin ON acts (by_id);
CREATE TABLE api_keys (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    INTEGER NOT NULL REFERENCES users (id),
    digest     TEXT NOT NULL UNIQUE,
    label      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
, expires_at INTEGER, used_at INTEGER) STRICT;
INSERT INTO api_keys VALUES(1,2,'f9514e474fbc7c1f2b5b5312a84bd2bc4c3b39ee31db61fe5e4b4946c56385b3','a bot',1796040397731,NULL,NULL,NULL);
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
INSERT INTO events VALUES(1,1,'admitted',1796040397493,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(2,1,'admitted',1796040397496,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(3,1,'admitted',1796040397497,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(4,1,'admitted',1796040397560,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(4,2,'admitted',1796040397595,2,2,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(4,3,'said',1796040397609,1,NULL,1,'{"notified": [2]}');
INSERT INTO events VALUES(4,4,'said',1796040397621,1,NULL,2,NULL);
INSERT INTO events VALUES(4,5,'said',1796040397626,2,NULL,3,NULL);
INSERT INTO events VALUES(4,6,'said',1796040397645,1,NULL,4,NULL);
INSERT INTO events VALUES(4,7,'edited',1796040397658,1,NULL,2,NULL);
INSERT INTO events VALUES(4,8,'reacted',1796040397670,2,NULL,1,'{"uuid": "01a22c59-9366-7e1f-b69a-625774dc45f0", "emoji": "\ud83d\udc4d", "at": 1796040397670}');
INSERT INTO events VALUES(4,9,'deleted',1796040397684,1,1,4,NULL);
INSERT INTO events VALUES(4,10,'admitted',1796040397714,3,3,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(4,11,'left',1796040397724,3,3,NULL,NULL);
INSERT INTO events VALUES(5,1,'admitted',1796040397865,1,1,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(5,2,'admitted',1796040397866,2,1,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(5,3,'said',1796040397896,1,NULL,5,NULL);
INSERT INTO events VALUES(6,1,'admitted',1796040397949,1,1,NULL,'{"standing": "owner"}');
CREATE TABLE grants (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid    TEXT NOT NULL UNIQUE,
    user_id INTEGER NOT NULL REFERENCES users (id),
    role    TEXT NOT NULL,
    room_id INTEGER REFERENCES rooms (id),
    at      INTEGER NOT NULL,
    by_id   INTEGER REFERENCES users (id)
) STRICT;
INSERT INTO grants VALUES(1,'01a22c59-9eb3-7285-af72-4c18518820ab',1,'SUPER_ADMIN',NULL,1796040400563,NULL);
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
INSERT INTO logins VALUES('01a22c59-926f-71e5-b24e-073e3f79a133',1,1796040397481,1796042198000,1796042198000,NULL,NULL,NULL,NULL,1796040397481);
INSERT INTO logins VALUES('01a22c59-92c1-7c7e-b27c-97f97259b266',2,1796040397507,1796042198000,1796042198000,NULL,NULL,NULL,NULL,1796040397507);
INSERT INTO logins VALUES('01a22c59-92e2-74cd-b8ca-b2acc7ec0aa1',3,1796040397547,1796042198000,1796042198000,NULL,NULL,NULL,NULL,1796040397547);
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
INSERT INTO marks VALUES(5,2,5,0,1796040397905);
CREATE TABLE memberships (
    room_id   INTEGER NOT NULL REFERENCES rooms (id),
    user_id   INTEGER NOT NULL REFERENCES users (id),
    standing  TEXT NOT NULL,
    joined_at INTEGER NOT NULL,
    PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;
INSERT INTO memberships VALUES(1,1,'owner',1796040397493);
INSERT INTO memberships VALUES(2,1,'owner',1796040397496);
INSERT INTO memberships VALUES(3,1,'owner',1796040397497);
INSERT INTO memberships VALUES(4,1,'owner',1796040397560);
INSERT INTO memberships VALUES(4,2,'member',1796040397595);
INSERT INTO memberships VALUES(5,1,'member',1796040397865);
INSERT INTO memberships VALUES(5,2,'member',1796040397866);
INSERT INTO memberships VALUES(6,1,'owner',1796040397949);
CREATE INDEX members_of_room ON memberships (room_id, joined_at, user_id);
CREATE INDEX memberships_of_user ON memberships (user_id, joined_at, room_id);
CREATE TABLE mentions (
    message_id INTEGER NOT NULL REFERENCES messages (id),
    user_id    INTEGER NOT NULL REFERENCES users (id), place INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (message_id, user_id)
) STRICT, WITHOUT ROWID;
INSERT INTO mentions VALUES(1,2,1);
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
INSERT INTO messages VALUES(1,'01a22c59-9329-704d-99ac-df20e8f0df9f',4,3,1,'first, @bob',0,0,0,1796040397609,1796040397609);
INSERT INTO messages VALUES(2,'01a22c59-9335-7462-893f-ee6045115d99',4,4,1,'second, better',0,1,0,1796040397621,1796040397658);
INSERT INTO messages VALUES(3,'01a22c59-933a-7251-bfe1-dd483199151c',4,5,2,'third',0,0,0,1796040397626,1796040397626);
INSERT INTO messages VALUES(4,'01a22c59-934d-79ff-9f15-46e7bb78a770',4,6,1,'',0,0,1,1796040397645,1796040397645);
INSERT INTO messages VALUES(5,'01a22c59-9447-75e5-a7e3-85260b1495a6',5,3,1,'for bob alone',0,0,0,1796040397896,1796040397896);
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
INSERT INTO reactions VALUES('01a22c59-9366-7e1f-b69a-625774dc45f0',1,2,'👍',1796040397670);
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
INSERT INTO rooms VALUES(1,'01a22c59-92b4-70c9-afbd-f61762c4b3dd','public','general','general','Talk about anything','rest',NULL,1,1796040397492,1796040397492,NULL,1,1796040397493,NULL);
INSERT INTO rooms VALUES(2,'01a22c59-92b7-72ed-b208-3dd511d903d8','public','random','random','Whatever fits nowhere else','rest',NULL,1,1796040397495,1796040397495,NULL,1,1796040397496,NULL);
INSERT INTO rooms VALUES(3,'01a22c59-92b8-7ddb-9835-86acb5d81e7d','public','announcements','announcements','News for everyone','rest',NULL,1,1796040397496,1796040397496,NULL,1,1796040397497,NULL);
INSERT INTO rooms VALUES(4,'01a22c59-92f7-750f-88d9-693e532deeca','public','tea','tea','about tea','rest',NULL,1,1796040397559,1796040397559,NULL,11,1796040397724,NULL);
INSERT INTO rooms VALUES(5,'01a22c59-9428-7c6b-9a86-f8650bb3617e','direct','ann, bob',NULL,NULL,'direct',NULL,1,1796040397864,1796040397864,NULL,3,1796040397896,NULL);
INSERT INTO rooms VALUES(6,'01a22c59-947c-7a30-af6e-f52bd6d8982d','public','den',NULL,NULL,'lobby',5,1,1796040397948,1796040397948,NULL,1,1796040397949,NULL);
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
INSERT INTO users VALUES(1,'01a22c59-92a9-7a53-a23e-0d18238949d9','ann','ann','Ann@example.com','$argon2id$v=19$m=8,t=1,p=1$dU6F3o6kIkmvbQZAN5z3ww$XqOwdVQxQvrpzSFLbbBhQO1UQnYcXMEQi+/NezN4kTI',NULL,'ACTIVE',NULL,'SUPER_ADMIN',1796040397481,1796040400563,'ann@example.com',0,'ann');
INSERT INTO users VALUES(2,'01a22c59-92c3-776b-8126-b967ec80d921','bob','bob','Bob@example.com','$argon2id$v=19$m=8,t=1,p=1$LMhMZKvSjElguIA7XpsDOg$REShJcsLZE2MdkqTLYSfV20d0PLJcHBzABZ72wCKjXI',NULL,'ACTIVE',NULL,'MEMBER',1796040397507,1796040397507,'bob@example.com',0,'bob');
INSERT INTO users VALUES(3,'01a22c59-92eb-7da9-a322-6022ff958bff','cat','cat','Cat@example.com','$argon2id$v=19$m=8,t=1,p=1$jrYNS8eDsLnYOTuRFxavRg$Ds0/ce+L6vgTkB41yAiV5GZ9Enbss0vvYAxV8Tbb/3A',NULL,'BANNED',NULL,'MEMBER',1796040397547,1796040404516,'cat@example.com',0,'cat');
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
PRAGMA user_version = 12;
COMMIT TRANSACTION;
