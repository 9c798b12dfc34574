-- Where in the order of its text a message mentions somebody; 0 where that was not kept.
ALTER TABLE mentions ADD COLUMN place INTEGER NOT NULL DEFAULT 0;
