"""台账的存储: the ledger in a database. SQLite for one process, PostgreSQL for several.

`store` opens either; `sqlite` and `postgres` run work in groups on `lanes`; `ledger` and `views`
are what work may do, the same over both, through a `session` that runs named statements (`sql/`,
read by `queries`). `migrations` brings the tables forward, `rows` and `seals` turn rows into what
the ports speak of.
"""
