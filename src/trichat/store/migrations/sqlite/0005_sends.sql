-- What was sent with a key of the client's: for good, so that a retry finds it whenever it comes.
-- digest: SHA-256 of what was said, which the message itself may say no more.
CREATE TABLE sends (
    room_id    INTEGER NOT NULL REFERENCES rooms (id),
    key        TEXT NOT NULL,
    user_id    INTEGER NOT NULL REFERENCES users (id),
    message_id INTEGER NOT NULL REFERENCES messages (id),
    digest     BLOB NOT NULL,
    PRIMARY KEY (room_id, key, user_id)
) STRICT, WITHOUT ROWID;
