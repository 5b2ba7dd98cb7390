"""A SQLite URL is decoded in one place, and encoding it again gives the same file."""

from pathlib import Path

import pytest

from storage.urls import is_postgres, sqlite_path, sqlite_url


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///var/ledger.db", "var/ledger.db"),
        ("sqlite:////var/lib/ledger.db", "/var/lib/ledger.db"),
        ("sqlite:///a%20b/50%25/ledger.db", "a b/50%/ledger.db"),
        ("sqlite:///50%25off", "50%off"),
    ],
)
def test_a_sqlite_url_names_a_file(url: str, path: str) -> None:
    assert sqlite_path(url) == Path(path)


@pytest.mark.parametrize("name", ["/plain/x.db", "/50%25/x.db", "a b/?#&.db", "台账/ledger.db"])
def test_the_url_of_a_path_names_that_path(name: str) -> None:
    assert sqlite_path(sqlite_url(Path(name))) == Path(name)


@pytest.mark.parametrize("url", ["postgresql://host/x", "postgres://host/x"])
def test_another_url_names_no_file(url: str) -> None:
    assert sqlite_path(url) is None
    assert is_postgres(url)
