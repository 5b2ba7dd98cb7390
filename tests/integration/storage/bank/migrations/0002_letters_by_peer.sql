CREATE INDEX letters_by_peer ON letters (peer, sent);
