DROP TABLE heartbeat;
DROP TABLE nonces;
DROP TABLE set_aside;
DROP TABLE outbox;
DROP TABLE inbox;
DROP TABLE case_history;
DROP TABLE contents;
DROP TABLE cases;
