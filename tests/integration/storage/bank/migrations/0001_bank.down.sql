DROP TABLE pulse;
DROP TABLE letters;
DROP TABLE entries;
DROP TABLE orders;
DROP TABLE accounts;
