-- When somebody was last known to be in a public room of the lobby; NULL: nobody ever was (lobby-14).
ALTER TABLE rooms ADD COLUMN visited_at INTEGER;
CREATE INDEX rooms_visited ON rooms (visited_at)
    WHERE visited_at IS NOT NULL AND archived_at IS NULL;
