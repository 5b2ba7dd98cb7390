DROP TABLE notices_due;
