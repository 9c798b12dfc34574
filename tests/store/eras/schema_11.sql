-- As the server of commit 13ec3f0 left it: schema 11.
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
INSERT INTO acts VALUES(1,'01a22c5b-988c-776b-8580-7d68d406742f','BAN_USER','USER','01a22c5b-7c2f-7925-849e-e22d0841efc4',1,'spam','{"duration_hours": null}',1796040530060);
CREATE INDEX acts_of_admin ON acts (by_id);
CREATE TABLE api_keys (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    INTEGER NOT NULL REFERENCES users (id),
    digest     TEXT NOT NULL UNIQUE,
    label      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
, expires_at INTEGER, used_at INTEGER) STRICT;
INSERT INTO api_keys VALUES(1,2,'d1b335e692d855a806f0ec9107d8d6dc778d2458bb339faf547a8faa296daee7','a bot',1796040523103,NULL,NULL,NULL);
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
INSERT INTO events VALUES(1,1,'admitted',1796040522683,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(2,1,'admitted',1796040522735,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(3,1,'admitted',1796040522748,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(4,1,'admitted',1796040522846,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(4,2,'admitted',1796040522871,2,2,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(4,3,'said',1796040522895,1,NULL,1,'{"notified": [2]}');
INSERT INTO events VALUES(4,4,'said',1796040522933,1,NULL,2,NULL);
INSERT INTO events VALUES(4,5,'said',1796040522970,2,NULL,3,NULL);
INSERT INTO events VALUES(4,6,'said',1796040523005,1,NULL,4,NULL);
INSERT INTO events VALUES(4,7,'edited',1796040523047,1,NULL,2,NULL);
INSERT INTO events VALUES(4,8,'reacted',1796040523053,2,NULL,1,'{"uuid": "01a22c5b-7d2d-74d4-8feb-3d569b9a35cd", "emoji": "\ud83d\udc4d", "at": 1796040523053}');
INSERT INTO events VALUES(4,9,'deleted',1796040523071,1,1,4,NULL);
INSERT INTO events VALUES(4,10,'admitted',1796040523087,3,3,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(4,11,'left',1796040523091,3,3,NULL,NULL);
INSERT INTO events VALUES(5,1,'admitted',1796040523114,1,1,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(5,2,'admitted',1796040523115,2,1,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(5,3,'said',1796040523118,1,NULL,5,NULL);
INSERT INTO events VALUES(6,1,'admitted',1796040523185,1,1,NULL,'{"standing": "owner"}');
CREATE TABLE grants (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid    TEXT NOT NULL UNIQUE,
    user_id INTEGER NOT NULL REFERENCES users (id),
    role    TEXT NOT NULL,
    room_id INTEGER REFERENCES rooms (id),
    at      INTEGER NOT NULL,
    by_id   INTEGER REFERENCES users (id)
) STRICT;
INSERT INTO grants VALUES(1,'01a22c5b-895e-78c8-9b29-1e8325086abe',1,'SUPER_ADMIN',NULL,1796040526173,NULL);
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
INSERT INTO logins VALUES('01a22c5b-7b40-702a-82b0-313663c6bd7b',1,1796040522671,1796042323000,1796042323000,NULL,NULL,NULL,NULL,1796040522671);
INSERT INTO logins VALUES('01a22c5b-7c08-76ad-a34d-11a11602cb47',2,1796040522763,1796042323000,1796042323000,NULL,NULL,NULL,NULL,1796040522763);
INSERT INTO logins VALUES('01a22c5b-7c1c-7b3c-af5e-2cefcb940e2f',3,1796040522799,1796042323000,1796042323000,NULL,NULL,NULL,NULL,1796040522799);
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
INSERT INTO marks VALUES(5,2,5,0,1796040523127);
CREATE TABLE memberships (
    room_id   INTEGER NOT NULL REFERENCES rooms (id),
    user_id   INTEGER NOT NULL REFERENCES users (id),
    standing  TEXT NOT NULL,
    joined_at INTEGER NOT NULL,
    PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;
INSERT INTO memberships VALUES(1,1,'owner',1796040522683);
INSERT INTO memberships VALUES(2,1,'owner',1796040522735);
INSERT INTO memberships VALUES(3,1,'owner',1796040522748);
INSERT INTO memberships VALUES(4,1,'owner',1796040522846);
INSERT INTO memberships VALUES(4,2,'member',1796040522871);
INSERT INTO memberships VALUES(5,1,'member',1796040523114);
INSERT INTO memberships VALUES(5,2,'member',1796040523115);
INSERT INTO memberships VALUES(6,1,'owner',1796040523185);
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
INSERT INTO messages VALUES(1,'01a22c5b-7c8f-755e-8043-9de861f52efc',4,3,1,'first, @bob',0,0,0,1796040522895,1796040522895);
INSERT INTO messages VALUES(2,'01a22c5b-7cb5-7e58-95b3-6abd8c5a17f9',4,4,1,'second, better',0,1,0,1796040522933,1796040523047);
INSERT INTO messages VALUES(3,'01a22c5b-7cda-7ecb-8be5-ceeb9ad3a45d',4,5,2,'third',0,0,0,1796040522970,1796040522970);
INSERT INTO messages VALUES(4,'01a22c5b-7cfc-7abc-90f1-5401532a6181',4,6,1,'',0,0,1,1796040523005,1796040523005);
INSERT INTO messages VALUES(5,'01a22c5b-7d6d-7e01-b330-1428fea1aefb',5,3,1,'for bob alone',0,0,0,1796040523118,1796040523118);
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
INSERT INTO reactions VALUES('01a22c5b-7d2d-74d4-8feb-3d569b9a35cd',1,2,'👍',1796040523053);
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
INSERT INTO rooms VALUES(1,'01a22c5b-7bba-7698-9e76-77ded7ece736','public','general','general','Talk about anything','rest',NULL,1,1796040522682,1796040522682,NULL,1,1796040522683,NULL);
INSERT INTO rooms VALUES(2,'01a22c5b-7bee-7104-bd12-af0ca0d3a10d','public','random','random','Whatever fits nowhere else','rest',NULL,1,1796040522734,1796040522734,NULL,1,1796040522735,NULL);
INSERT INTO rooms VALUES(3,'01a22c5b-7bfb-71ad-9dbf-19235e11e7d3','public','announcements','announcements','News for everyone','rest',NULL,1,1796040522747,1796040522747,NULL,1,1796040522748,NULL);
INSERT INTO rooms VALUES(4,'01a22c5b-7c5d-700f-8688-a385586fa8e4','public','tea','tea','about tea','rest',NULL,1,1796040522845,1796040522845,NULL,11,1796040523091,NULL);
INSERT INTO rooms VALUES(5,'01a22c5b-7d69-7fd4-a1aa-4328d7d743cd','direct','ann, bob',NULL,NULL,'direct',NULL,1,1796040523113,1796040523113,NULL,3,1796040523118,NULL);
INSERT INTO rooms VALUES(6,'01a22c5b-7db0-780c-9fbf-b96c8cdebbb9','public','den',NULL,NULL,'lobby',5,1,1796040523184,1796040523184,NULL,1,1796040523185,NULL);
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
INSERT INTO users VALUES(1,'01a22c5b-7baf-710a-bfac-33d572784276','ann','ann','Ann@example.com','$argon2id$v=19$m=8,t=1,p=1$Vl3zwgPgS/TVS2/YNW0uaA$NIC3N62l7/9ECU4oon8Lo7/C/iGbv04tjDiTCMoLryE',NULL,'ACTIVE',NULL,'SUPER_ADMIN',1796040522671,1796040526173,'ann@example.com',0,'ann');
INSERT INTO users VALUES(2,'01a22c5b-7c0b-7d9f-a0b4-9edb9ec6f27b','bob','bob','Bob@example.com','$argon2id$v=19$m=8,t=1,p=1$Y4EL8lKb50MAmYKjynRaWQ$yuQKubW4ZBoS179lyZ1RC0t+zwqHtyBxNATqgG5arFs',NULL,'ACTIVE',NULL,'MEMBER',1796040522763,1796040522763,'bob@example.com',0,'bob');
INSERT INTO users VALUES(3,'01a22c5b-7c2f-7925-849e-e22d0841efc4','cat','cat','Cat@example.com','$argon2id$v=19$m=8,t=1,p=1$rYFTIJOVsSN6iBZAkslmYg$EZpghx1/yLUvJY/X/QckPBU9XqtmyDAugWNeZtKn5U0',NULL,'BANNED',NULL,'MEMBER',1796040522799,1796040530060,'cat@example.com',0,'cat');
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
PRAGMA user_version = 11;
COMMIT TRANSACTION;
