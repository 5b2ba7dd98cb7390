"""批量写入: rows of a ledger written as fast as the database takes them, past every flow.

Nothing is flushed while they are written: who needs them on disk afterwards writes once more.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Final

import psycopg

from storage.session import Row
from storage.urls import sqlite_path

Table = tuple[str, Sequence[Row]]
"""A table with its columns in brackets, and rows of it."""
WriteRows = Callable[[Iterable[Table]], None]
_CACHE_KIB: Final = 1 << 20


@contextmanager
def bulk_writer(url: str) -> Iterator[WriteRows]:
    """Yield what writes rows into the ledger at `url`, each call in one transaction.

    At the end a SQLite file is whole without its write-ahead log, and PostgreSQL knows how much
    there is.
    """
    path = sqlite_path(url)
    if path is None:
        with psycopg.connect(url, autocommit=True) as server:
            server.execute(b"VACUUM")  # what others deleted leaves no gaps between the rows
            yield lambda tables: _copy(server, tables)
            server.execute(b"VACUUM ANALYZE")
        return
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute("PRAGMA synchronous = OFF")
        file.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        yield lambda tables: _insert(file, tables)
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _insert(file: sqlite3.Connection, tables: Iterable[Table]) -> None:
    file.execute("BEGIN IMMEDIATE")
    for table, rows in tables:
        places = ", ".join("?" * len(rows[0]))
        text = f"INSERT INTO {table} VALUES ({places})"  # noqa: S608 - named by this program
        file.executemany(text, rows)
    file.execute("COMMIT")


def _copy(server: psycopg.Connection[Row], tables: Iterable[Table]) -> None:
    with server.transaction(), server.cursor() as cursor:
        for table, rows in tables:
            with cursor.copy(f"COPY {table} FROM STDIN".encode()) as copy:
                for row in rows:
                    copy.write_row(row)
