-- The names of transactions that were given up and may not be stored any more, the newest few. One
-- that is stored leaves no name: what SQLite answers with an error it has undone.
DROP TABLE batches;
CREATE TABLE given_up (
    number INTEGER PRIMARY KEY,
    batch  TEXT NOT NULL
) STRICT;
