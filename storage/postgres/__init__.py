"""The store in a PostgreSQL database that several processes share.

`store` puts it together: `writer_threads` take what waits, `batch` runs it in as few transactions
as it needs, on a `row_cache` of what it reads; `readers` only read; `notify` tells the other
processes what was committed. `session` runs named statements; `connection` opens a connection and
checks the server.
"""
