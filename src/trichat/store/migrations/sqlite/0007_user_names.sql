-- Three letters in a row of a name or an address lead to its users. The letters are without case
-- already. A part that many have is looked for in the order of names instead.
CREATE VIRTUAL TABLE user_names USING fts5 (
    folded, folded_email,
    content = 'users', content_rowid = 'id', tokenize = 'trigram case_sensitive 1'
);
INSERT INTO user_names (user_names) VALUES ('rebuild');
CREATE INDEX users_by_name ON users (folded, id);

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
CREATE TRIGGER user_gone AFTER DELETE ON users BEGIN
    INSERT INTO user_names (user_names, rowid, folded, folded_email)
    VALUES ('delete', old.id, old.folded, old.folded_email);
END;
