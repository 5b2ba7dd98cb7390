"""台账的库表: the tables of the ledger, and what may be done with them.

`ledger` and `views` are what work may do, the same over both stores, through a session that runs
named statements (`sql/`). `rows` and `seals` turn rows into what the ports speak of.
"""
