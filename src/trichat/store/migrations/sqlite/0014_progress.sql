-- How far each message has come with anybody but its author: 0 sent, 1 delivered, 2 seen. It is known
-- of direct rooms from the marks of before; what else was said before counts as sent.
ALTER TABLE messages ADD COLUMN progress INTEGER NOT NULL DEFAULT 0;
UPDATE messages SET progress = coalesce(
    (SELECT max(CASE WHEN read_id >= messages.id THEN 2 WHEN delivered_id >= messages.id THEN 1 ELSE 0 END)
     FROM marks WHERE marks.room_id = messages.room_id AND marks.user_id != messages.author_id), 0)
WHERE room_id IN (SELECT id FROM rooms WHERE kind = 'direct');
