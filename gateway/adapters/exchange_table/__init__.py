"""前置库: dispatches and results through three tables in an agency's own database.

A dialect for each kind of database, named statements in `statements.sql`, one transaction a call.
What a row means is decided in `gateway.domain.exchange_rows`.
"""
