CREATE TABLE items (id int PRIMARY KEY, name text NOT NULL, quantity int NOT NULL)
INSERT INTO items SELECT id, 'item-' || id, id * 7 FROM generate_series(1, 10000) AS id
VACUUM (FREEZE, ANALYZE) items
