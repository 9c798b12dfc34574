-- The name that a room bore, once it has ended: others may bear it, but connecting makes none of it.
ALTER TABLE rooms ADD COLUMN bore TEXT;
CREATE INDEX rooms_bore ON rooms (bore) WHERE bore IS NOT NULL;
-- So many rooms may one user make in an hour.
CREATE INDEX rooms_made_at ON rooms (created_by, created_at);
-- A role that somebody has in a room keeps it.
CREATE INDEX grants_of_room ON grants (room_id) WHERE room_id IS NOT NULL;

-- Private rooms whose last member has left: nobody can reach them.
UPDATE rooms SET archived_at = last_at, bore = handle, handle = NULL
    WHERE kind = 'private' AND archived_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM memberships WHERE room_id = rooms.id);
