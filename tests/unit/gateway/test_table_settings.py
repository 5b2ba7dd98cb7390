"""Settings of agencies by their delivery: keys for messages, exchange tables, or neither."""

from pathlib import Path

import pytest

from gateway.adapters.exchange_table.addresses import DatabaseKind, read_database_url
from gateway.domain.delivery import Delivery
from gateway.errors import Misconfigured
from gateway.settings_file import load_settings
from gateway.table_settings import TableSettings, read_login
from storage.urls import sqlite_path
from tests.unit.gateway.settings_files import WHOLE, written

START = WHOLE.partition("[[agency]]")[0]
AGENCY = '[[agency]]\ncode = "{code}"\nname = "郑州市"\ndivision = "{division}"\n'
KEYS = 'key_file = "keys/agency.json"\nour_key_file = "keys/gateway.json"\n'


def an_agency(rest: str, *, code: str = "4101000001", division: str = "410100") -> str:
    return AGENCY.format(code=code, division=division) + rest


def with_tables(rest: str, **of: str) -> str:
    return an_agency(f'delivery = "exchange_table"\n[agency.tables]\n{rest}', **of)


def test_an_agency_with_tables_has_no_keys_and_a_path_below_the_settings(tmp_path: Path) -> None:
    text = START + with_tables('url = "sqlite:///agency.db"\n')
    (agency,) = load_settings(written(tmp_path, text)).agency

    assert agency.delivery is Delivery.EXCHANGE_TABLE
    assert agency.key_files == ()
    assert agency.tables is not None
    assert sqlite_path(agency.tables.url) == tmp_path / "agency.db"
    assert (agency.tables.prefix, agency.tables.poll_every_s) == ("duijie_", 5)


def test_an_agency_without_a_system_has_nothing_more(tmp_path: Path) -> None:
    (agency,) = load_settings(written(tmp_path, START + an_agency('delivery = "desk"\n'))).agency
    assert (agency.delivery, agency.tables, agency.key_files) == (Delivery.DESK, None, ())


@pytest.mark.parametrize(
    ("agency", "message"),
    [
        (an_agency('delivery = "fetch"\n'), "key_file and our_key_file are given where"),
        (an_agency(f'delivery = "desk"\n{KEYS}'), "have no effect where delivery is desk"),
        (an_agency('delivery = "exchange_table"\n'), "tables is given exactly when"),
        (
            an_agency(f'delivery = "fetch"\n{KEYS}[agency.tables]\nurl = "sqlite:///x.db"\n'),
            "tables is given exactly when",
        ),
        (with_tables('url = "mysql://u:hunter2@h/x"\n'), "put it into a file of its own"),
        (with_tables('url = "mysql://u@db.example/x"\n'), "another machine without TLS"),
        (
            with_tables('url = "sqlite:///x.db"\npassword_file = "p"\n'),
            "has no schema_name and no password_file",
        ),
        (
            with_tables('url = "mysql://u@127.0.0.1/x"\n')
            + with_tables('url = "mysql://u@127.0.0.1/x"\n', code="2", division="410105"),
            "two agencies have the same exchange tables",
        ),
    ],
)
def test_what_does_not_fit_the_delivery_is_refused(
    tmp_path: Path, agency: str, message: str
) -> None:
    with pytest.raises(Misconfigured, match=message) as refused:
        load_settings(written(tmp_path, START + agency))
    assert "hunter2" not in str(refused.value)


def test_agencies_may_share_a_database_with_tables_of_their_own(tmp_path: Path) -> None:
    shared = 'url = "postgresql://u@db.example/x"\nca_file = "ca.pem"\n'
    text = with_tables(shared) + with_tables(
        f'{shared}prefix = "other_"\n', code="2", division="410105"
    )
    first, second = load_settings(written(tmp_path, START + text)).agency
    assert first.tables is not None
    assert first.tables.ca_file == tmp_path / "ca.pem"
    assert second.tables is not None
    assert second.tables.prefix == "other_"


@pytest.mark.parametrize(
    ("url", "kind", "host", "port"),
    [
        ("postgresql://u@db.example/x", DatabaseKind.POSTGRES, "db.example", 5432),
        ("mysql://u@10.0.0.1:3307/x", DatabaseKind.MARIADB, "10.0.0.1", 3307),
        ("mariadb://u@[::1]/x", DatabaseKind.MARIADB, "::1", 3306),
    ],
)
def test_an_address_is_read(url: str, kind: DatabaseKind, host: str, port: int) -> None:
    address = read_database_url(url)
    assert (address.kind, address.host, address.port) == (kind, host, port)
    assert (address.user, address.database) == ("u", "x")


@pytest.mark.parametrize(
    ("content", "mode", "message"),
    [
        (b"", 0o600, "holds no password"),
        (b"\xff\xfe", 0o600, "holds no password in UTF-8"),
        (b"hunter2\n", 0o644, "0644"),
        (None, 0o600, "password_file"),
    ],
)
def test_a_file_of_a_password_that_cannot_be_used_is_refused_by_setting(
    tmp_path: Path, content: bytes | None, mode: int, message: str
) -> None:
    file = tmp_path / "password"
    if content is not None:
        file.write_bytes(content)
        file.chmod(mode)
    tables = TableSettings(url="mysql://u@127.0.0.1/x", password_file=file)
    with pytest.raises(Misconfigured, match=message) as refused:
        read_login(tables, "agency 4101000001")
    assert "agency 4101000001: tables.password_file" in str(refused.value)
    assert "hunter2" not in str(refused.value)
