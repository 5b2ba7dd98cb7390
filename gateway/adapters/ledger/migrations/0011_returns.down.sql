DROP TABLE superseded_dispatches;
DROP TABLE entry_texts;
