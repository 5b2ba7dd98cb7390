"""建表脚本: one description, six scripts; what is untested says so, and statements fit them all."""

import re

import pytest

from contracts.catalogue.exchange_words import COLUMN_WORDS, TABLE_WORDS
from contracts.publish.table_definitions import TABLE_DIALECTS, definition
from gateway.adapters.exchange_table.addresses import DatabaseKind
from gateway.adapters.exchange_table.statements import statements
from schemas.records.exchange_tables import EXCHANGE_TABLES, ResultStatus, TableName


def test_every_table_and_column_has_its_words() -> None:
    assert set(TABLE_WORDS) == set(TableName)
    for table in EXCHANGE_TABLES:
        assert list(COLUMN_WORDS[table.name]) == [column.name for column in table.columns]


def test_the_kinds_that_are_spoken_to_are_those_that_are_tested() -> None:
    tested = {name for name, dialect in TABLE_DIALECTS.items() if dialect.is_tested}
    assert tested == set(DatabaseKind)


@pytest.mark.parametrize("name", TABLE_DIALECTS)
def test_a_script_that_was_never_run_says_so(name: str) -> None:
    dialect = TABLE_DIALECTS[name]
    assert ("未经测试" in definition(dialect)) is not dialect.is_tested
    assert definition(dialect).count("CREATE TABLE") == len(TableName)


@pytest.mark.parametrize("kind", DatabaseKind)
def test_statements_name_columns_that_the_scripts_make(kind: DatabaseKind) -> None:
    columns = {column.name for table in EXCHANGE_TABLES for column in table.columns}
    texts = statements(kind)
    assert set(texts) >= {"add_dispatch", "ready_results", "store_result", "add_error"}
    assert "[" not in "".join(texts)
    for name in ("add_dispatch", "add_error", "look_results"):
        listed = re.search(r"(?:\(|SELECT )([a-z_, \n]+?)(?:\)|\s+FROM)", texts[name])
        assert listed is not None
        assert {one.strip() for one in listed[1].split(",")} <= columns


def test_statuses_in_statements_are_those_of_the_contract() -> None:
    known = {"READY", "TAKEN", "CLOSED", "NEW", *ResultStatus}
    for kind in DatabaseKind:
        for text in statements(kind).values():
            assert set(re.findall(r"'([A-Z]+)'", text)) <= known
