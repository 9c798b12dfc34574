-- What is compared of a user name, made by core's comparison_key(). Names of before that have one key
-- stay, so it is not UNIQUE: a new name is looked up by it in its own transaction.
ALTER TABLE users ADD COLUMN name_key TEXT NOT NULL DEFAULT '';
UPDATE users SET name_key = comparison_key(username);
CREATE INDEX users_by_name_key ON users (name_key);
CREATE INDEX users_by_address ON users (folded_email);
