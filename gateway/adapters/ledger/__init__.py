"""台账: the gateway's own tables, one class and one `.sql` file a group of them.

`cases`, `inbox`, `outbox`, `quarantine` and `nonces` are composed into the `unit_of_work`; `views`
only read. A row becomes an object, by column name, beside the class that reads it; `seals` says
where personal data stand; `migrations/` brings the tables forward. `store` opens the ledger: it
hands all of this to the storage engine, which commits it.
"""
