"""A SQLite URL is decoded in one place, and encoding it again gives the same file."""

from pathlib import Path

import pytest

from storage.urls import check_store_url, has_password, is_postgres, sqlite_path, sqlite_url


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


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///gateway.db",
        "sqlite:////var/lib/台账/50%25/x.db",
        "postgresql://duijie@db.example/duijie",
        "postgresql://duijie:p%40ss@db-1.example:5432,db-2.example:5433/duijie?sslmode=verify-full",
        "postgresql://%2Frun%2Fpostgresql/duijie",
        "postgresql:///duijie?host=/run/postgresql&port=5433",
        "postgresql://[::1]:5432/duijie",
    ],
)
def test_a_usable_store_is_taken_as_it_is(url: str) -> None:
    assert check_store_url(url) == url


@pytest.mark.parametrize(
    ("url", "rule"),
    [
        ("mysql://u:hunter2@h/x", "no store"),
        ("sqlite://x.db", "no store"),
        ("sqlite:///", "no file"),
        ("sqlite:///:memory:", "no file"),
        ("sqlite:///folder/", "no file"),
        ("sqlite:///x.db?mode=ro", "query or fragment"),
        ("sqlite:///50%off", "without two hexadecimal"),
        ("sqlite:///x%00.db", "control character"),
        ("postgresql://u:hunter2@h:99999/x", "port"),
        ("postgresql://u:hunter2@h:5432,i:0/x", "port"),
        ("postgresql://u:hunter2@h/x?port=99999", "port"),
        ("postgresql://u:hunter2@h", "no database"),
        ("postgresql://u:hunter2/@h/x", "too many"),
        ("postgresql://u:hunter2@x@h/x", "too many"),
        ("postgresql://u:hunter2#@h/x", "percent-encoded"),
        ("postgresql://u:hunter2%@h/x", "percent-encoded"),
        ("postgresql://u:hunter2@h{}/x", "a host that is none"),
    ],
)
def test_an_impossible_store_is_refused_by_rule_and_its_password_not_repeated(
    url: str, rule: str
) -> None:
    with pytest.raises(ValueError, match=rule) as refused:
        check_store_url(url)

    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "held"),
    [
        ("postgresql://duijie@h/x", False),
        ("postgresql://duijie:secret@h/x", True),
        ("postgresql://h/x?password=secret", True),
        ("postgresql://h:5432/x", False),
        ("sqlite:///x:y@z.db", False),
    ],
)
def test_a_password_in_a_store_url_is_noticed(url: str, *, held: bool) -> None:
    assert has_password(url) is held
