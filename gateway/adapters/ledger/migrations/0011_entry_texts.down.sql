DROP TABLE entry_texts;
