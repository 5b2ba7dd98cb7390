DROP TABLE table_decisions;
DROP TABLE table_fetches;
DROP TABLE table_editions;
