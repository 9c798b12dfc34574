-- As the server of commit c912410 left it: schema 7.
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
INSERT INTO acts VALUES(1,'01a22c5a-ed11-7e72-90b1-dde4eef6b0fd','BAN_USER','USER','01a22c5a-d91e-7155-a8c3-5cf62ed922b6',1,'spam','{"duration_hours": null}',1796040486161);
CREATE INDEX acts_of_admin ON acts (by_id);
CREATE TABLE api_keys (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    INTEGER NOT NULL REFERENCES users (id),
    digest     TEXT NOT NULL UNIQUE,
    label      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;
INSERT INTO api_keys VALUES(1,2,'101d4c168b1f1cdd0e1eb01faff6907bd7058f87bfb6bf601e026962649add54','a bot',1796040481402,NULL);
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
INSERT INTO events VALUES(1,1,'admitted',1796040481032,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(2,1,'admitted',1796040481034,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(3,1,'admitted',1796040481036,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(4,1,'admitted',1796040481058,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(4,2,'admitted',1796040481063,2,2,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(4,3,'said',1796040481066,1,NULL,1,'{"notified": [2]}');
INSERT INTO events VALUES(4,4,'said',1796040481070,1,NULL,2,NULL);
INSERT INTO events VALUES(4,5,'said',1796040481075,2,NULL,3,NULL);
INSERT INTO events VALUES(4,6,'said',1796040481078,1,NULL,4,NULL);
INSERT INTO events VALUES(4,7,'edited',1796040481082,1,NULL,2,NULL);
INSERT INTO events VALUES(4,8,'reacted',1796040481086,2,NULL,1,'{"uuid": "01a22c5a-d93e-766a-96f8-ac6f7dbd93d7", "emoji": "\ud83d\udc4d", "at": 1796040481086}');
INSERT INTO events VALUES(4,9,'deleted',1796040481092,1,1,4,NULL);
INSERT INTO events VALUES(4,10,'admitted',1796040481094,3,3,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(4,11,'left',1796040481107,3,3,NULL,NULL);
INSERT INTO events VALUES(5,1,'admitted',1796040481424,1,1,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(5,2,'admitted',1796040481425,2,1,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(5,3,'said',1796040481450,1,NULL,5,NULL);
INSERT INTO events VALUES(6,1,'admitted',1796040481460,1,1,NULL,'{"standing": "owner"}');
CREATE TABLE grants (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid    TEXT NOT NULL UNIQUE,
    user_id INTEGER NOT NULL REFERENCES users (id),
    role    TEXT NOT NULL,
    room_id INTEGER REFERENCES rooms (id),
    at      INTEGER NOT NULL,
    by_id   INTEGER REFERENCES users (id)
) STRICT;
INSERT INTO grants VALUES(1,'01a22c5a-e324-738b-92d1-dad6244bb225',1,'SUPER_ADMIN',NULL,1796040483620,NULL);
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
INSERT INTO logins VALUES('01a22c5a-d902-7bff-8cfc-5a530b367903',1,1796040481026,1796042282000,1796042282000,NULL,NULL,NULL,NULL,1796040481026);
INSERT INTO logins VALUES('01a22c5a-d912-7a0e-9008-c24dcd3d2139',2,1796040481047,1796042282000,1796042282000,NULL,NULL,NULL,NULL,1796040481047);
INSERT INTO logins VALUES('01a22c5a-d91d-7736-adb2-3051fba1fb65',3,1796040481054,1796042282000,1796042282000,NULL,NULL,NULL,NULL,1796040481054);
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
INSERT INTO marks VALUES(5,2,5,0,1796040481453);
CREATE TABLE memberships (
    room_id   INTEGER NOT NULL REFERENCES rooms (id),
    user_id   INTEGER NOT NULL REFERENCES users (id),
    standing  TEXT NOT NULL,
    joined_at INTEGER NOT NULL,
    PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;
INSERT INTO memberships VALUES(1,1,'owner',1796040481032);
INSERT INTO memberships VALUES(2,1,'owner',1796040481034);
INSERT INTO memberships VALUES(3,1,'owner',1796040481036);
INSERT INTO memberships VALUES(4,1,'owner',1796040481058);
INSERT INTO memberships VALUES(4,2,'member',1796040481063);
INSERT INTO memberships VALUES(5,1,'member',1796040481424);
INSERT INTO memberships VALUES(5,2,'member',1796040481425);
INSERT INTO memberships VALUES(6,1,'owner',1796040481460);
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
INSERT INTO messages VALUES(1,'01a22c5a-d92a-768a-8c22-ba53dad6e8a0',4,3,1,'first, @bob',0,0,0,1796040481066,1796040481066);
INSERT INTO messages VALUES(2,'01a22c5a-d92e-726e-8b07-746533e590f0',4,4,1,'second, better',0,1,0,1796040481070,1796040481082);
INSERT INTO messages VALUES(3,'01a22c5a-d933-72e3-ac15-c7ca76fba6b0',4,5,2,'third',0,0,0,1796040481075,1796040481075);
INSERT INTO messages VALUES(4,'01a22c5a-d936-7912-9d2f-92d3f13755b6',4,6,1,'',0,0,1,1796040481078,1796040481078);
INSERT INTO messages VALUES(5,'01a22c5a-da9b-71b5-96f8-f29c63be1d7b',5,3,1,'for bob alone',0,0,0,1796040481450,1796040481450);
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
INSERT INTO reactions VALUES('01a22c5a-d93e-766a-96f8-ac6f7dbd93d7',1,2,'👍',1796040481086);
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
INSERT INTO rooms VALUES(1,'01a22c5a-d907-77bb-8626-be8a4bd85adc','public','general','general','Talk about anything','rest',NULL,1,1796040481031,1796040481031,NULL,1,1796040481032,NULL);
INSERT INTO rooms VALUES(2,'01a22c5a-d909-7c1e-819d-99b1a5262314','public','random','random','Whatever fits nowhere else','rest',NULL,1,1796040481033,1796040481033,NULL,1,1796040481034,NULL);
INSERT INTO rooms VALUES(3,'01a22c5a-d90b-7f13-bb35-e1f5a0637bae','public','announcements','announcements','News for everyone','rest',NULL,1,1796040481035,1796040481035,NULL,1,1796040481036,NULL);
INSERT INTO rooms VALUES(4,'01a22c5a-d921-7a35-af31-0cd4e671e89e','public','tea','tea','about tea','rest',NULL,1,1796040481057,1796040481057,NULL,11,1796040481107,NULL);
INSERT INTO rooms VALUES(5,'01a22c5a-da8f-740c-951e-3a314b5c0de8','direct','ann, bob',NULL,NULL,'direct',NULL,1,1796040481423,1796040481423,NULL,3,1796040481450,NULL);
INSERT INTO rooms VALUES(6,'01a22c5a-dab3-70e3-a7c5-343ddd73356a','public','den',NULL,NULL,'lobby',5,1,1796040481459,1796040481459,NULL,1,1796040481460,NULL);
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
INSERT INTO users VALUES(1,'01a22c5a-d902-7b1d-8927-c75d2c949ee0','ann','ann','Ann@example.com','$argon2id$v=19$m=8,t=1,p=1$TSCNpRSZxGN8W7eg8/GkNw$2bQSEO3onMPCqHfy9Jk7CdVl2fC3ZAWx2irsi6Mu6DI',NULL,'ACTIVE',NULL,'SUPER_ADMIN',1796040481026,1796040483620,'ann@example.com',0);
INSERT INTO users VALUES(2,'01a22c5a-d917-7300-bf46-4402f72199dd','bob','bob','Bob@example.com','$argon2id$v=19$m=8,t=1,p=1$VHczbDNCDf4GncFC4SYhSQ$OfOn9J70/vEeSE3yjBmGzv4iXuJ8vWZplcXiTIqiAC4',NULL,'ACTIVE',NULL,'MEMBER',1796040481047,1796040481047,'bob@example.com',0);
INSERT INTO users VALUES(3,'01a22c5a-d91e-7155-a8c3-5cf62ed922b6','cat','cat','Cat@example.com','$argon2id$v=19$m=8,t=1,p=1$ZI0dopMXhe2f4y/uENqejw$+zQTdySXkwGmQ8QAFTFHZmMipE2SXKVc4QzKB30p/g8',NULL,'BANNED',NULL,'MEMBER',1796040481054,1796040486161,'cat@example.com',0);
CREATE INDEX users_by_name ON users (folded, id);
CREATE VIRTUAL TABLE user_names USING fts5 (
    folded, folded_email,
    content = 'users', content_rowid = 'id', tokenize = 'trigram case_sensitive 1'
);
INSERT INTO user_names (user_names) VALUES ('rebuild');
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
PRAGMA user_version = 7;
COMMIT TRANSACTION;
