-- Members of a room in order of joining, read in pages however many they are.
CREATE INDEX members_of_room ON memberships (room_id, joined_at, user_id);
