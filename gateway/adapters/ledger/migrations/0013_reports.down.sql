DROP TABLE disclosures;
DROP INDEX quarantine_conflicts;
DROP INDEX history_decided;
DROP INDEX history_accepted;
