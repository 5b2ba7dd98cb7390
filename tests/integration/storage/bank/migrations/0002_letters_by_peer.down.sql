DROP INDEX letters_by_peer;
