"""台账: the gateway's tables on the storage engine.

`store` opens the ledger: it hands the engine the statements, the migrations and the two factories.
"""
