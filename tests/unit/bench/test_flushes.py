"""Counting flushes: a checkpoint is seen in the head of the write-ahead log."""

import sqlite3
from contextlib import closing
from pathlib import Path

from bench.flushes import checkpoints


def test_each_checkpoint_after_which_the_log_began_anew_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute("PRAGMA journal_mode = WAL")
        file.execute("CREATE TABLE cases (key TEXT)")
        before = checkpoints(path)
        for _ in range(2):
            file.execute("PRAGMA wal_checkpoint(PASSIVE)")
            file.execute("INSERT INTO cases VALUES ('1')")

        assert checkpoints(path) - before == 2
