-- As the server of commit 68759f6 left it: schema 16.
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
INSERT INTO acts VALUES(1,'01a22e10-058a-7764-b3e5-b8a474fb50a7','BAN_USER','USER','01a22e10-0161-7411-9709-dc60a078495e',1,'spam','{"duration_hours": null}',1796069131658);
CREATE TABLE api_keys (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    INTEGER NOT NULL REFERENCES users (id),
    digest     TEXT NOT NULL UNIQUE,
    label      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
, expires_at INTEGER, used_at INTEGER) STRICT;
INSERT INTO api_keys VALUES(1,2,'3f0dbf21569935a29adf6cf1ca0fe8129a849b038059941c0cd29defbefb7615','a bot',1796069130623,NULL,NULL,NULL);
CREATE TABLE batches (
    id     TEXT PRIMARY KEY,
    number INTEGER NOT NULL,
    stored INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO batches VALUES('01a22e10-011b-7f27-bc04-970942a88265',1,1);
INSERT INTO batches VALUES('01a22e10-0156-747e-9d02-70a171cff00a',2,1);
INSERT INTO batches VALUES('01a22e10-0157-7ec5-bd18-3c78d80e646b',3,1);
INSERT INTO batches VALUES('01a22e10-0158-790a-bc5c-ecdbbecf9320',4,1);
INSERT INTO batches VALUES('01a22e10-0159-78b4-8893-cb860231d943',5,1);
INSERT INTO batches VALUES('01a22e10-015e-77a0-a721-4d5f4b861ac4',6,1);
INSERT INTO batches VALUES('01a22e10-0161-7403-8ab1-5406207dac23',7,1);
INSERT INTO batches VALUES('01a22e10-0164-7643-ac5c-b3bcb79c2731',8,1);
INSERT INTO batches VALUES('01a22e10-0167-7dd4-a01e-eff558afa64a',9,1);
INSERT INTO batches VALUES('01a22e10-0169-7705-a06d-09ddd06a1d32',10,1);
INSERT INTO batches VALUES('01a22e10-016c-70d7-bae4-91fe75ce85cc',11,1);
INSERT INTO batches VALUES('01a22e10-016e-77a8-81c0-552e5114e3ef',12,1);
INSERT INTO batches VALUES('01a22e10-0170-741c-87d2-ed68c6ccbe22',13,1);
INSERT INTO batches VALUES('01a22e10-0173-77a0-8349-8af73b7df7ea',14,1);
INSERT INTO batches VALUES('01a22e10-0176-77cf-9826-5fd93ac1367a',15,1);
INSERT INTO batches VALUES('01a22e10-0178-7993-8b01-0536dd5c1074',16,1);
INSERT INTO batches VALUES('01a22e10-017a-72b6-b7b4-0647bcf3ab47',17,1);
INSERT INTO batches VALUES('01a22e10-017c-7530-9f80-ad236e0b5930',18,1);
INSERT INTO batches VALUES('01a22e10-017f-7aff-a282-05760fb50293',19,1);
INSERT INTO batches VALUES('01a22e10-0189-7abf-995d-2a17db1b7ac1',20,1);
INSERT INTO batches VALUES('01a22e10-018b-73c8-87bf-91d9c7305f2e',21,1);
INSERT INTO batches VALUES('01a22e10-018c-73c3-9726-82aa3c8240c1',22,1);
INSERT INTO batches VALUES('01a22e10-0190-75de-a1c4-eb1e8734372f',23,1);
INSERT INTO batches VALUES('01a22e10-02ba-7899-b755-5c8902abc092',24,1);
INSERT INTO batches VALUES('01a22e10-058a-78f6-a08c-7c81cf68a500',25,1);
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
INSERT INTO events VALUES(1,1,'admitted',1796069130584,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(2,1,'admitted',1796069130585,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(3,1,'admitted',1796069130586,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(4,1,'admitted',1796069130597,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(4,2,'admitted',1796069130599,2,2,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(4,3,'said',1796069130601,1,NULL,1,'{"notified": [2]}');
INSERT INTO events VALUES(4,4,'said',1796069130604,1,NULL,2,NULL);
INSERT INTO events VALUES(4,5,'said',1796069130606,2,NULL,3,NULL);
INSERT INTO events VALUES(4,6,'said',1796069130608,1,NULL,4,NULL);
INSERT INTO events VALUES(4,7,'edited',1796069130611,1,NULL,2,NULL);
INSERT INTO events VALUES(4,8,'reacted',1796069130614,2,NULL,1,'{"uuid": "01a22e10-0176-7763-a65f-ebcded0f11d0", "emoji": "\ud83d\udc4d", "at": 1796069130614}');
INSERT INTO events VALUES(4,9,'deleted',1796069130616,1,1,4,NULL);
INSERT INTO events VALUES(4,10,'admitted',1796069130618,3,3,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(4,11,'left',1796069130620,3,3,NULL,NULL);
INSERT INTO events VALUES(5,1,'admitted',1796069130634,1,1,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(5,2,'admitted',1796069130635,2,1,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(5,3,'said',1796069130636,1,NULL,5,NULL);
INSERT INTO events VALUES(6,1,'admitted',1796069130641,1,1,NULL,'{"standing": "owner"}');
CREATE TABLE grants (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid    TEXT NOT NULL UNIQUE,
    user_id INTEGER NOT NULL REFERENCES users (id),
    role    TEXT NOT NULL,
    room_id INTEGER REFERENCES rooms (id),
    at      INTEGER NOT NULL,
    by_id   INTEGER REFERENCES users (id)
) STRICT;
INSERT INTO grants VALUES(1,'01a22e10-02ba-7794-9898-0b6aa2c58351',1,'SUPER_ADMIN',NULL,1796069130938,NULL);
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
INSERT INTO logins VALUES('01a22e10-0145-7aba-827b-907e0d085557',1,1796069130581,1796070931000,1796070931000,NULL,NULL,NULL,NULL,1796069130581);
INSERT INTO logins VALUES('01a22e10-015d-7067-bafa-6d1728fac18f',2,1796069130590,1796070931000,1796070931000,NULL,NULL,NULL,NULL,1796069130590);
INSERT INTO logins VALUES('01a22e10-0160-727a-9169-707257847450',3,1796069130593,1796070931000,1796070931000,NULL,NULL,NULL,NULL,1796069130593);
CREATE TABLE marks (
    room_id      INTEGER NOT NULL REFERENCES rooms (id),
    user_id      INTEGER NOT NULL REFERENCES users (id),
    read_id      INTEGER NOT NULL DEFAULT 0,
    delivered_id INTEGER NOT NULL DEFAULT 0,
    at           INTEGER NOT NULL,
    PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;
INSERT INTO marks VALUES(5,2,5,0,1796069130637);
CREATE TABLE memberships (
    room_id   INTEGER NOT NULL REFERENCES rooms (id),
    user_id   INTEGER NOT NULL REFERENCES users (id),
    standing  TEXT NOT NULL,
    joined_at INTEGER NOT NULL,
    PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;
INSERT INTO memberships VALUES(1,1,'owner',1796069130584);
INSERT INTO memberships VALUES(2,1,'owner',1796069130585);
INSERT INTO memberships VALUES(3,1,'owner',1796069130586);
INSERT INTO memberships VALUES(4,1,'owner',1796069130597);
INSERT INTO memberships VALUES(4,2,'member',1796069130599);
INSERT INTO memberships VALUES(5,1,'member',1796069130634);
INSERT INTO memberships VALUES(5,2,'member',1796069130635);
INSERT INTO memberships VALUES(6,1,'owner',1796069130641);
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
INSERT INTO messages VALUES(1,'01a22e10-0169-7ee7-b387-ffdd6b0b7f26',4,3,1,'first, @bob',0,0,0,1796069130601,1796069130601,0);
INSERT INTO messages VALUES(2,'01a22e10-016c-7bd0-9cd5-c1cc898a15a1',4,4,1,'second, better',0,1,0,1796069130604,1796069130611,0);
INSERT INTO messages VALUES(3,'01a22e10-016e-7470-ab38-1c8a7d19054f',4,5,2,'third',0,0,0,1796069130606,1796069130606,0);
INSERT INTO messages VALUES(4,'01a22e10-0170-7d8f-a043-6a2eca39b99d',4,6,1,'',0,0,1,1796069130608,1796069130608,0);
INSERT INTO messages VALUES(5,'01a22e10-018c-765b-b046-6757a1d7e184',5,3,1,'for bob alone',0,0,0,1796069130636,1796069130636,2);
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
INSERT INTO reactions VALUES('01a22e10-0176-7763-a65f-ebcded0f11d0',1,2,'👍',1796069130614);
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
INSERT INTO rooms VALUES(1,'01a22e10-0157-72f1-8cc4-8e31ecb6889e','public','general','general','Talk about anything','rest',NULL,NULL,1796069130583,1796069130583,NULL,1,1796069130584,NULL,NULL);
INSERT INTO rooms VALUES(2,'01a22e10-0158-7b77-b5d7-4d0b67cb0d64','public','random','random','Whatever fits nowhere else','rest',NULL,NULL,1796069130584,1796069130584,NULL,1,1796069130585,NULL,NULL);
INSERT INTO rooms VALUES(3,'01a22e10-0159-7446-a55b-5a66d91b3dae','public','announcements','announcements','News for everyone','rest',NULL,NULL,1796069130585,1796069130585,NULL,1,1796069130586,NULL,NULL);
INSERT INTO rooms VALUES(4,'01a22e10-0164-7f5c-ad09-953b41b0a576','public','tea','tea','about tea','rest',NULL,1,1796069130596,1796069130596,NULL,11,1796069130620,NULL,NULL);
INSERT INTO rooms VALUES(5,'01a22e10-0189-782e-b873-813c1f7db04f','direct','ann, bob',NULL,NULL,'direct',NULL,1,1796069130633,1796069130633,NULL,3,1796069130636,NULL,NULL);
INSERT INTO rooms VALUES(6,'01a22e10-0190-7288-a7ce-e427dee4fb06','public','den',NULL,NULL,'lobby',5,1,1796069130640,1796069130640,NULL,1,1796069130641,NULL,NULL);
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
INSERT INTO signing VALUES(1,'b3088225522f85ab',0,0);
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
INSERT INTO users VALUES(1,'01a22e10-0155-72ad-b440-b53a4f405954','ann','ann','Ann@example.com','$argon2id$v=19$m=8,t=1,p=1$MbPAGYNGBq90qZi9utvWgw$WZZV7rj3sskpReNngXBHgo3F7Wkobd5me9hEiTYAkmU',NULL,'ACTIVE',NULL,'SUPER_ADMIN',1796069130581,1796069130938,'ann@example.com',0,'ann');
INSERT INTO users VALUES(2,'01a22e10-015e-765e-be09-885a2ff1259a','bob','bob','Bob@example.com','$argon2id$v=19$m=8,t=1,p=1$sTS2XFhe54lmNY5KsOPMng$MdUq7gyab/IRycjEi5SPJSK9Mu6te9jXKLoPwbs7kOE',NULL,'ACTIVE',NULL,'MEMBER',1796069130590,1796069130590,'bob@example.com',0,'bob');
INSERT INTO users VALUES(3,'01a22e10-0161-7411-9709-dc60a078495e','cat','cat','Cat@example.com','$argon2id$v=19$m=8,t=1,p=1$CT/f7etcwDm/4aj83GMKsQ$tWMLIm0sY6r1T4wxWQzoNi/krNwDvSczeUcjsMY5pyg',NULL,'BANNED',NULL,'MEMBER',1796069130593,1796069131658,'cat@example.com',0,'cat');
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
PRAGMA user_version = 16;
COMMIT TRANSACTION;
