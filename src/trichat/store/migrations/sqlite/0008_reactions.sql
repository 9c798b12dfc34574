-- How many reactions of each emoji a message has, kept by the table of reactions itself: what is read
-- and decided is bounded, however many there are.
CREATE TABLE reaction_counts (
    message_id INTEGER NOT NULL REFERENCES messages (id),
    emoji      TEXT NOT NULL,
    number     INTEGER NOT NULL,
    PRIMARY KEY (message_id, emoji)
) STRICT, WITHOUT ROWID;
INSERT INTO reaction_counts
    SELECT message_id, emoji, count(*) FROM reactions GROUP BY message_id, emoji;
CREATE INDEX reactions_of_message ON reactions (message_id, created_at);

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
