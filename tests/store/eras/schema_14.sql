-- As the server of commit 2549520 left it: schema 14.
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
INSERT INTO acts VALUES(1,'01a22c5d-15b2-78d2-a92e-853b2bba2454','BAN_USER','USER','01a22c5c-ff32-7cb0-a905-7c3221ab3104',1,'spam','{"duration_hours": null}',1796040627634);
CREATE INDEX acts_of_admin ON acts (by_id);
CREATE TABLE api_keys (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    INTEGER NOT NULL REFERENCES users (id),
    digest     TEXT NOT NULL UNIQUE,
    label      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
, expires_at INTEGER, used_at INTEGER) STRICT;
INSERT INTO api_keys VALUES(1,2,'08bcc11781a2604e6dba9277fef8b173f89cf6437ed244d95232b44d5664f3c7','a bot',1796040621907,NULL,NULL,NULL);
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
INSERT INTO events VALUES(1,1,'admitted',1796040621829,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(2,1,'admitted',1796040621840,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(3,1,'admitted',1796040621852,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(4,1,'admitted',1796040621878,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(4,2,'admitted',1796040621880,2,2,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(4,3,'said',1796040621883,1,NULL,1,'{"notified": [2]}');
INSERT INTO events VALUES(4,4,'said',1796040621885,1,NULL,2,NULL);
INSERT INTO events VALUES(4,5,'said',1796040621887,2,NULL,3,NULL);
INSERT INTO events VALUES(4,6,'said',1796040621889,1,NULL,4,NULL);
INSERT INTO events VALUES(4,7,'edited',1796040621892,1,NULL,2,NULL);
INSERT INTO events VALUES(4,8,'reacted',1796040621897,2,NULL,1,'{"uuid": "01a22c5c-ff49-78b2-b5b0-89282e246695", "emoji": "\ud83d\udc4d", "at": 1796040621897}');
INSERT INTO events VALUES(4,9,'deleted',1796040621899,1,1,4,NULL);
INSERT INTO events VALUES(4,10,'admitted',1796040621901,3,3,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(4,11,'left',1796040621903,3,3,NULL,NULL);
INSERT INTO events VALUES(5,1,'admitted',1796040621918,1,1,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(5,2,'admitted',1796040621919,2,1,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(5,3,'said',1796040621920,1,NULL,5,NULL);
INSERT INTO events VALUES(6,1,'admitted',1796040621931,1,1,NULL,'{"standing": "owner"}');
CREATE TABLE grants (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid    TEXT NOT NULL UNIQUE,
    user_id INTEGER NOT NULL REFERENCES users (id),
    role    TEXT NOT NULL,
    room_id INTEGER REFERENCES rooms (id),
    at      INTEGER NOT NULL,
    by_id   INTEGER REFERENCES users (id)
) STRICT;
INSERT INTO grants VALUES(1,'01a22c5d-08a5-7cdc-8f5d-e28ba9c0317e',1,'SUPER_ADMIN',NULL,1796040624293,NULL);
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
INSERT INTO logins VALUES('01a22c5c-fec1-77ab-b372-92776d614cad',1,1796040621827,1796042422000,1796042422000,NULL,NULL,NULL,NULL,1796040621827);
INSERT INTO logins VALUES('01a22c5c-ff23-7cd6-9c47-46cd62b1dcc4',2,1796040621860,1796042422000,1796042422000,NULL,NULL,NULL,NULL,1796040621860);
INSERT INTO logins VALUES('01a22c5c-ff31-715b-a8b9-bae9f9da24da',3,1796040621874,1796042422000,1796042422000,NULL,NULL,NULL,NULL,1796040621874);
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
INSERT INTO marks VALUES(5,2,5,0,1796040621924);
CREATE TABLE memberships (
    room_id   INTEGER NOT NULL REFERENCES rooms (id),
    user_id   INTEGER NOT NULL REFERENCES users (id),
    standing  TEXT NOT NULL,
    joined_at INTEGER NOT NULL,
    PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;
INSERT INTO memberships VALUES(1,1,'owner',1796040621829);
INSERT INTO memberships VALUES(2,1,'owner',1796040621840);
INSERT INTO memberships VALUES(3,1,'owner',1796040621852);
INSERT INTO memberships VALUES(4,1,'owner',1796040621878);
INSERT INTO memberships VALUES(4,2,'member',1796040621880);
INSERT INTO memberships VALUES(5,1,'member',1796040621918);
INSERT INTO memberships VALUES(5,2,'member',1796040621919);
INSERT INTO memberships VALUES(6,1,'owner',1796040621931);
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
, progress INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO messages VALUES(1,'01a22c5c-ff3b-7d64-a940-195b6aed5a0d',4,3,1,'first, @bob',0,0,0,1796040621883,1796040621883,0);
INSERT INTO messages VALUES(2,'01a22c5c-ff3d-7cd5-b1bd-1e221ee34297',4,4,1,'second, better',0,1,0,1796040621885,1796040621892,0);
INSERT INTO messages VALUES(3,'01a22c5c-ff3f-703e-a11a-b525ff681b4f',4,5,2,'third',0,0,0,1796040621887,1796040621887,0);
INSERT INTO messages VALUES(4,'01a22c5c-ff41-74e4-8cc7-c9ee10938559',4,6,1,'',0,0,1,1796040621889,1796040621889,0);
INSERT INTO messages VALUES(5,'01a22c5c-ff5f-7ea8-aab3-ee344f4ef5a8',5,3,1,'for bob alone',0,0,0,1796040621920,1796040621920,2);
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
INSERT INTO reactions VALUES('01a22c5c-ff49-78b2-b5b0-89282e246695',1,2,'👍',1796040621897);
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
INSERT INTO rooms VALUES(1,'01a22c5c-ff04-78e3-b4ba-332a04bafdef','public','general','general','Talk about anything','rest',NULL,1,1796040621828,1796040621828,NULL,1,1796040621829,NULL);
INSERT INTO rooms VALUES(2,'01a22c5c-ff0f-72bc-b925-c69379306b52','public','random','random','Whatever fits nowhere else','rest',NULL,1,1796040621839,1796040621839,NULL,1,1796040621840,NULL);
INSERT INTO rooms VALUES(3,'01a22c5c-ff1b-7837-984f-a201f506d92e','public','announcements','announcements','News for everyone','rest',NULL,1,1796040621851,1796040621851,NULL,1,1796040621852,NULL);
INSERT INTO rooms VALUES(4,'01a22c5c-ff35-7975-b9aa-4ba3aff4d685','public','tea','tea','about tea','rest',NULL,1,1796040621877,1796040621877,NULL,11,1796040621903,NULL);
INSERT INTO rooms VALUES(5,'01a22c5c-ff5d-7d25-bb9f-0e8d112c6416','direct','ann, bob',NULL,NULL,'direct',NULL,1,1796040621917,1796040621917,NULL,3,1796040621920,NULL);
INSERT INTO rooms VALUES(6,'01a22c5c-ff6a-79a5-8e5b-93840c8cdff4','public','den',NULL,NULL,'lobby',5,1,1796040621930,1796040621930,NULL,1,1796040621931,NULL);
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
CREATE TABLE signing (
    one             INTEGER PRIMARY KEY CHECK (one = 1),
    kid             TEXT,
    everyone_out_at INTEGER NOT NULL DEFAULT 0,
    moved           INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO signing VALUES(1,'f06c3d1829f6d66b',0,0);
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
INSERT INTO users VALUES(1,'01a22c5c-ff03-7cd7-b0f7-6679de7bb71a','ann','ann','Ann@example.com','$argon2id$v=19$m=8,t=1,p=1$9F+1m4mMf4WF1x3tTYTHow$eCk63f+2q/1g80lNQ2s329tVTYIAn1KIam2q7MCArpY',NULL,'ACTIVE',NULL,'SUPER_ADMIN',1796040621827,1796040624293,'ann@example.com',0,'ann');
INSERT INTO users VALUES(2,'01a22c5c-ff24-702c-8dd7-1a976f828ec6','bob','bob','Bob@example.com','$argon2id$v=19$m=8,t=1,p=1$YZuIeM7GWARgqh95xJx8Ig$4sR02i/4n0jNmHtqTh9eMd5TCCS1iudX5CEI9jityBw',NULL,'ACTIVE',NULL,'MEMBER',1796040621860,1796040621860,'bob@example.com',0,'bob');
INSERT INTO users VALUES(3,'01a22c5c-ff32-7cb0-a905-7c3221ab3104','cat','cat','Cat@example.com','$argon2id$v=19$m=8,t=1,p=1$h2iFGUiqefVxAP77r2pwDw$yAP2tRJeNTLlk6vPSfPUUQi1SW5rV77QhwFEqN/8kd0',NULL,'BANNED',NULL,'MEMBER',1796040621874,1796040627634,'cat@example.com',0,'cat');
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
PRAGMA user_version = 14;
COMMIT TRANSACTION;
