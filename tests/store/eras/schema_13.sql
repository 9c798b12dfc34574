-- As the server of commit ba59026 left it: schema 13.
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
INSERT INTO acts VALUES(1,'01a22c5c-eef1-7fee-ab4c-545ea68b9a81','BAN_USER','USER','01a22c5c-d9d4-7200-bf24-6e94c43928ca',1,'spam','{"duration_hours": null}',1796040617713);
CREATE INDEX acts_of_admin ON acts (by_id);
CREATE TABLE api_keys (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    INTEGER NOT NULL REFERENCES users (id),
    digest     TEXT NOT NULL UNIQUE,
    label      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
, expires_at INTEGER, used_at INTEGER) STRICT;
INSERT INTO api_keys VALUES(1,2,'1a5b78bcf71263e96948604aa2202e33abbaf64aba92d6c852baf093b7a29f4d','a bot',1796040612350,NULL,NULL,NULL);
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
INSERT INTO events VALUES(1,1,'admitted',1796040612283,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(2,1,'admitted',1796040612290,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(3,1,'admitted',1796040612294,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(4,1,'admitted',1796040612316,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(4,2,'admitted',1796040612326,2,2,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(4,3,'said',1796040612329,1,NULL,1,'{"notified": [2]}');
INSERT INTO events VALUES(4,4,'said',1796040612331,1,NULL,2,NULL);
INSERT INTO events VALUES(4,5,'said',1796040612333,2,NULL,3,NULL);
INSERT INTO events VALUES(4,6,'said',1796040612335,1,NULL,4,NULL);
INSERT INTO events VALUES(4,7,'edited',1796040612338,1,NULL,2,NULL);
INSERT INTO events VALUES(4,8,'reacted',1796040612340,2,NULL,1,'{"uuid": "01a22c5c-d9f4-72bc-80de-93cf749cc706", "emoji": "\ud83d\udc4d", "at": 1796040612340}');
INSERT INTO events VALUES(4,9,'deleted',1796040612342,1,1,4,NULL);
INSERT INTO events VALUES(4,10,'admitted',1796040612344,3,3,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(4,11,'left',1796040612346,3,3,NULL,NULL);
INSERT INTO events VALUES(5,1,'admitted',1796040612357,1,1,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(5,2,'admitted',1796040612358,2,1,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(5,3,'said',1796040612359,1,NULL,5,NULL);
INSERT INTO events VALUES(6,1,'admitted',1796040612364,1,1,NULL,'{"standing": "owner"}');
CREATE TABLE grants (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid    TEXT NOT NULL UNIQUE,
    user_id INTEGER NOT NULL REFERENCES users (id),
    role    TEXT NOT NULL,
    room_id INTEGER REFERENCES rooms (id),
    at      INTEGER NOT NULL,
    by_id   INTEGER REFERENCES users (id)
) STRICT;
INSERT INTO grants VALUES(1,'01a22c5c-e23c-757a-ae2f-e2aec9789c20',1,'SUPER_ADMIN',NULL,1796040614460,NULL);
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
INSERT INTO logins VALUES('01a22c5c-d946-743a-ad82-89c48ec7835d',1,1796040612244,1796042413000,1796042413000,NULL,NULL,NULL,NULL,1796040612244);
INSERT INTO logins VALUES('01a22c5c-d9d1-777e-8c28-40adb97a5d2e',2,1796040612305,1796042413000,1796042413000,NULL,NULL,NULL,NULL,1796040612305);
INSERT INTO logins VALUES('01a22c5c-d9d4-79e8-acb4-3c147c72a4e1',3,1796040612308,1796042413000,1796042413000,NULL,NULL,NULL,NULL,1796040612308);
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
INSERT INTO marks VALUES(5,2,5,0,1796040612360);
CREATE TABLE memberships (
    room_id   INTEGER NOT NULL REFERENCES rooms (id),
    user_id   INTEGER NOT NULL REFERENCES users (id),
    standing  TEXT NOT NULL,
    joined_at INTEGER NOT NULL,
    PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;
INSERT INTO memberships VALUES(1,1,'owner',1796040612283);
INSERT INTO memberships VALUES(2,1,'owner',1796040612290);
INSERT INTO memberships VALUES(3,1,'owner',1796040612294);
INSERT INTO memberships VALUES(4,1,'owner',1796040612316);
INSERT INTO memberships VALUES(4,2,'member',1796040612326);
INSERT INTO memberships VALUES(5,1,'member',1796040612357);
INSERT INTO memberships VALUES(5,2,'member',1796040612358);
INSERT INTO memberships VALUES(6,1,'owner',1796040612364);
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
INSERT INTO messages VALUES(1,'01a22c5c-d9e9-7413-bef6-745a564a2069',4,3,1,'first, @bob',0,0,0,1796040612329,1796040612329);
INSERT INTO messages VALUES(2,'01a22c5c-d9eb-7aef-80f7-e614187cca7f',4,4,1,'second, better',0,1,0,1796040612331,1796040612338);
INSERT INTO messages VALUES(3,'01a22c5c-d9ed-7849-86c7-180620df284d',4,5,2,'third',0,0,0,1796040612333,1796040612333);
INSERT INTO messages VALUES(4,'01a22c5c-d9ef-7666-b056-276ff8a525d3',4,6,1,'',0,0,1,1796040612335,1796040612335);
INSERT INTO messages VALUES(5,'01a22c5c-da05-732f-99fd-19deb246868b',5,3,1,'for bob alone',0,0,0,1796040612359,1796040612359);
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
INSERT INTO reactions VALUES('01a22c5c-d9f4-72bc-80de-93cf749cc706',1,2,'👍',1796040612340);
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
INSERT INTO rooms VALUES(1,'01a22c5c-d9ba-7a5b-956c-2c1ef17db641','public','general','general','Talk about anything','rest',NULL,1,1796040612282,1796040612282,NULL,1,1796040612283,NULL);
INSERT INTO rooms VALUES(2,'01a22c5c-d9c1-7970-b30e-8a27a60c388a','public','random','random','Whatever fits nowhere else','rest',NULL,1,1796040612289,1796040612289,NULL,1,1796040612290,NULL);
INSERT INTO rooms VALUES(3,'01a22c5c-d9c5-7983-a3ee-24e33efe4d03','public','announcements','announcements','News for everyone','rest',NULL,1,1796040612293,1796040612293,NULL,1,1796040612294,NULL);
INSERT INTO rooms VALUES(4,'01a22c5c-d9db-74bf-a4e7-be5145cae582','public','tea','tea','about tea','rest',NULL,1,1796040612315,1796040612315,NULL,11,1796040612346,NULL);
INSERT INTO rooms VALUES(5,'01a22c5c-da04-7439-a6f2-3102454198e8','direct','ann, bob',NULL,NULL,'direct',NULL,1,1796040612356,1796040612356,NULL,3,1796040612359,NULL);
INSERT INTO rooms VALUES(6,'01a22c5c-da0b-7c79-aa63-29341ddac29a','public','den',NULL,NULL,'lobby',5,1,1796040612363,1796040612363,NULL,1,1796040612364,NULL);
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
INSERT INTO signing VALUES(1,'5d4501d733981ea1',0,0);
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
INSERT INTO users VALUES(1,'01a22c5c-d994-77ad-9196-7112d0dfab8d','ann','ann','Ann@example.com','$argon2id$v=19$m=8,t=1,p=1$NPYD2s773QVFDnit5lN40g$zS4oo54s4u704ND9ecq+X70VJ0nq+aioM8ir2Z8zeFw',NULL,'ACTIVE',NULL,'SUPER_ADMIN',1796040612244,1796040614460,'ann@example.com',0,'ann');
INSERT INTO users VALUES(2,'01a22c5c-d9d1-79a9-a18a-4dac567ecd04','bob','bob','Bob@example.com','$argon2id$v=19$m=8,t=1,p=1$U7cRmPFRJkH9WCPsfwu/wA$jQWCDkp4Y6moO3IvSG78dvBCwX4cN1x3BkoFugQ1i3g',NULL,'ACTIVE',NULL,'MEMBER',1796040612305,1796040612305,'bob@example.com',0,'bob');
INSERT INTO users VALUES(3,'01a22c5c-d9d4-7200-bf24-6e94c43928ca','cat','cat','Cat@example.com','$argon2id$v=19$m=8,t=1,p=1$9s5/+ghmYUsLH9criT4nxA$lRBnorjn1E1djjLwAC5Zdx+NMTuKdduzzp5Gk8AQ/8k',NULL,'BANNED',NULL,'MEMBER',1796040612308,1796040617713,'cat@example.com',0,'cat');
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
PRAGMA user_version = 13;
COMMIT TRANSACTION;
