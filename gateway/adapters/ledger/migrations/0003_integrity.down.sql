DROP INDEX quarantine_by_source;
