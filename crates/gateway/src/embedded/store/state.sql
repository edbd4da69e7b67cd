-- Version 3: whether a gateway has the database open. It then has a write-ahead log, a second file, in which
-- the newest changes are.

CREATE TABLE state (is_open INTEGER NOT NULL) STRICT;
INSERT INTO state (is_open) VALUES (0);
