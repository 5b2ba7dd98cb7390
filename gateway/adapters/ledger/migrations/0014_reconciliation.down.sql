DROP TABLE discrepancies;
DROP TABLE statement_lines;
DROP TABLE reconciliations;
DROP TABLE day_book;
