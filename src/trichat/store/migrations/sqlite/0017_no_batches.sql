-- Names of transactions. None is needed: what SQLite answers with an error it has undone (ADR 12).
DROP TABLE batches;
