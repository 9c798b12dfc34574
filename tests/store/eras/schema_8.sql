-- As the server of commit a47476e left it: schema 8.
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
INSERT INTO acts VALUES(1,'01a22c5b-0d34-79ac-a05a-ce0cd376d378','BAN_USER','USER','01a22c5a-fcad-774b-ac68-19aa3d49d5cc',1,'spam','{"duration_hours": null}',1796040494388);
CREATE INDEX acts_of_admin ON acts (by_id);
CREATE TABLE api_keys (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    INTEGER NOT NULL REFERENCES users (id),
    digest     TEXT NOT NULL UNIQUE,
    label      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;
INSERT INTO api_keys VALUES(1,2,'2f4c179145b32bf0e16769a9072527b23d3fa695dbbc325a01d476862922e126','a bot',1796040490640,NULL);
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
INSERT INTO events VALUES(1,1,'admitted',1796040490123,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(2,1,'admitted',1796040490129,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(3,1,'admitted',1796040490140,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(4,1,'admitted',1796040490171,1,1,NULL,'{"standing": "owner"}');
INSERT INTO events VALUES(4,2,'admitted',1796040490182,2,2,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(4,3,'said',1796040490199,1,NULL,1,'{"notified": [2]}');
INSERT INTO events VALUES(4,4,'said',1796040490208,1,NULL,2,NULL);
INSERT INTO events VALUES(4,5,'said',1796040490229,2,NULL,3,NULL);
INSERT INTO events VALUES(4,6,'said',1796040490238,1,NULL,4,NULL);
INSERT INTO events VALUES(4,7,'edited',1796040490266,1,NULL,2,NULL);
INSERT INTO events VALUES(4,8,'reacted',1796040490283,2,NULL,1,'{"uuid": "01a22c5a-fd2b-7e32-88c7-c52d2b48b2f4", "emoji": "\ud83d\udc4d", "at": 1796040490283}');
INSERT INTO events VALUES(4,9,'deleted',1796040490300,1,1,4,NULL);
INSERT INTO events VALUES(4,10,'admitted',1796040490315,3,3,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(4,11,'left',1796040490612,3,3,NULL,NULL);
INSERT INTO events VALUES(5,1,'admitted',1796040490678,1,1,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(5,2,'admitted',1796040490679,2,1,NULL,'{"standing": "member"}');
INSERT INTO events VALUES(5,3,'said',1796040490688,1,NULL,5,NULL);
INSERT INTO events VALUES(6,1,'admitted',1796040490719,1,1,NULL,'{"standing": "owner"}');
CREATE TABLE grants (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid    TEXT NOT NULL UNIQUE,
    user_id INTEGER NOT NULL REFERENCES users (id),
    role    TEXT NOT NULL,
    room_id INTEGER REFERENCES rooms (id),
    at      INTEGER NOT NULL,
    by_id   INTEGER REFERENCES users (id)
) STRICT;
INSERT INTO grants VALUES(1,'01a22c5b-0492-7560-a65c-ab285911101c',1,'SUPER_ADMIN',NULL,1796040492178,NULL);
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
INSERT INTO logins VALUES('01a22c5a-fc59-7d63-a827-25dd6eb515f0',1,1796040490120,1796042291000,1796042291000,NULL,NULL,NULL,NULL,1796040490120);
INSERT INTO logins VALUES('01a22c5a-fca4-7336-9f37-01696ec89384',2,1796040490151,1796042291000,1796042291000,NULL,NULL,NULL,NULL,1796040490151);
INSERT INTO logins VALUES('01a22c5a-fcad-76a1-8af3-b18d9f71ca91',3,1796040490157,1796042291000,1796042291000,NULL,NULL,NULL,NULL,1796040490157);
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
INSERT INTO marks VALUES(5,2,5,0,1796040490700);
CREATE TABLE memberships (
    room_id   INTEGER NOT NULL REFERENCES rooms (id),
    user_id   INTEGER NOT NULL REFERENCES users (id),
    standing  TEXT NOT NULL,
    joined_at INTEGER NOT NULL,
    PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;
INSERT INTO memberships VALUES(1,1,'owner',1796040490123);
INSERT INTO memberships VALUES(2,1,'owner',1796040490129);
INSERT INTO memberships VALUES(3,1,'owner',1796040490140);
INSERT INTO memberships VALUES(4,1,'owner',1796040490171);
INSERT INTO memberships VALUES(4,2,'member',1796040490182);
INSERT INTO memberships VALUES(5,1,'member',1796040490678);
INSERT INTO memberships VALUES(5,2,'member',1796040490679);
INSERT INTO memberships VALUES(6,1,'owner',1796040490719);
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
INSERT INTO messages VALUES(1,'01a22c5a-fcd7-7299-b841-5b9bf778ebef',4,3,1,'first, @bob',0,0,0,1796040490199,1796040490199);
INSERT INTO messages VALUES(2,'01a22c5a-fce0-7be5-bfef-218f2966c717',4,4,1,'second, better',0,1,0,1796040490208,1796040490266);
INSERT INTO messages VALUES(3,'01a22c5a-fcf4-7c00-acfc-e8f01b011b31',4,5,2,'third',0,0,0,1796040490229,1796040490229);
INSERT INTO messages VALUES(4,'01a22c5a-fcfe-7d09-9b57-8cb5abcf8bbc',4,6,1,'',0,0,1,1796040490238,1796040490238);
INSERT INTO messages VALUES(5,'01a22c5a-fec0-7e33-bdda-202e279de20a',5,3,1,'for bob alone',0,0,0,1796040490688,1796040490688);
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
INSERT INTO reactions VALUES('01a22c5a-fd2b-7e32-88c7-c52d2b48b2f4',1,2,'👍',1796040490283);
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
INSERT INTO rooms VALUES(1,'01a22c5a-fc8a-73a3-b554-7ac42a48277e','public','general','general','Talk about anything','rest',NULL,1,1796040490122,1796040490122,NULL,1,1796040490123,NULL);
INSERT INTO rooms VALUES(2,'01a22c5a-fc90-70a8-b082-e2eee2de5c58','public','random','random','Whatever fits nowhere else','rest',NULL,1,1796040490128,1796040490128,NULL,1,1796040490129,NULL);
INSERT INTO rooms VALUES(3,'01a22c5a-fc9b-76a0-8878-b6ba2d299e72','public','announcements','announcements','News for everyone','rest',NULL,1,1796040490139,1796040490139,NULL,1,1796040490140,NULL);
INSERT INTO rooms VALUES(4,'01a22c5a-fcba-783e-ab0b-fa5b3f4e9c54','public','tea','tea','about tea','rest',NULL,1,1796040490170,1796040490170,NULL,11,1796040490612,NULL);
INSERT INTO rooms VALUES(5,'01a22c5a-feb4-7230-984f-68f7c219c22a','direct','ann, bob',NULL,NULL,'direct',NULL,1,1796040490677,1796040490677,NULL,3,1796040490688,NULL);
INSERT INTO rooms VALUES(6,'01a22c5a-fede-7c28-8f11-ca608c9da68c','public','den',NULL,NULL,'lobby',5,1,1796040490718,1796040490718,NULL,1,1796040490719,NULL);
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
INSERT INTO users VALUES(1,'01a22c5a-fc88-75f9-9b08-f600245b617d','ann','ann','Ann@example.com','$argon2id$v=19$m=8,t=1,p=1$Ap4tT52qilkQuye4bMXEbA$OAGS6saZHIa2fZQu/QjJfdsaRnGIQuWlBf0Rmoc0If0',NULL,'ACTIVE',NULL,'SUPER_ADMIN',1796040490120,1796040492178,'ann@example.com',0);
INSERT INTO users VALUES(2,'01a22c5a-fca7-7268-ade0-4fdba76cc05c','bob','bob','Bob@example.com','$argon2id$v=19$m=8,t=1,p=1$ACI6DjOB5RSzwNylJ7Yjng$INUkcSLUURzHtYTjFjgeqiGpSQyVy0GIvU4rnrdWFik',NULL,'ACTIVE',NULL,'MEMBER',1796040490151,1796040490151,'bob@example.com',0);
INSERT INTO users VALUES(3,'01a22c5a-fcad-774b-ac68-19aa3d49d5cc','cat','cat','Cat@example.com','$argon2id$v=19$m=8,t=1,p=1$6q/lvS9PjrF37/oWYV4zlQ$Q/ZqjQt9A70tFyD0uTppQg12zhdFPhfHMpjuUwjkmv8',NULL,'BANNED',NULL,'MEMBER',1796040490157,1796040494388,'cat@example.com',0);
CREATE INDEX users_by_name ON users (folded, id);
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
PRAGMA user_version = 8;
COMMIT TRANSACTION;
