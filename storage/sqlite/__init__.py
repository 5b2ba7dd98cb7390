"""The store in one SQLite file: `store` commits batches, `batch` runs them, `readers` only read.

`session` runs named statements on a connection; `file` opens the file and keeps other processes
off it; `error_codes` says after which errors the store stops.
"""
