"""`duijie agency check` of an agency that is not called: its tables, its fetching, its worklist."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from duijie.checks.agency import AgencyCheck, check_agency
from duijie.cli import run
from duijie.errors import UNREACHABLE
from gateway.adapters.exchange_table.dialect import PROBE
from gateway.config import AgencySettings, Settings
from gateway.domain.delivery import Delivery
from gateway.errors import PeerFailure
from gateway.table_settings import TableSettings
from tests.builders.records import JINSHUI, JIYUAN
from tests.integration.gateway.harness import AGENCIES, a_harness, stack_of_two
from tests.support.agency_databases import AgencyDatabases, AgencyTestDatabase
from tests.support.clock import SettableClock
from tests.support.ports import free_ports
from tests.support.stack import Stack, make_stack


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    """Give a gateway whose first agency has exchange tables."""
    first, second = AGENCIES
    return make_stack(tmp_path, (replace(first, delivery=Delivery.EXCHANGE_TABLE), second))


@pytest.fixture
def settings(stack: Stack) -> Settings:
    return stack.gateway_settings()


def with_tables(settings: Settings, tables: TableSettings) -> AgencySettings:
    agency = next(one for one in settings.agency if one.code == JINSHUI)
    return agency.model_copy(update={"tables": tables})


async def checked(settings: Settings, tables: TableSettings) -> AgencyCheck:
    return await check_agency(settings, with_tables(settings, tables), SettableClock())


def faults(found: AgencyCheck) -> list[str]:
    return [one.seen for one in found.results if not one.is_ok]


async def test_sound_tables_are_told_step_by_step_and_hold_one_test_dispatch(
    settings: Settings, agency_database: AgencyTestDatabase
) -> None:
    for _ in range(2):
        found = await checked(settings, agency_database.settings)

    assert faults(found) == []
    assert found.reached
    assert len(found.results) == 7
    ((number, key, status, payload),) = agency_database.run(
        "SELECT dispatch_no, application_no, status, payload FROM duijie_dispatch"
    )
    assert (number, key, status) == (f"TEST-{JINSHUI}", "TEST", "TEST")
    assert json.loads(str(payload))["probe"] == PROBE


async def test_a_database_without_tables_says_so(
    settings: Settings, agency_databases: AgencyDatabases, agency_database: AgencyTestDatabase
) -> None:
    empty = agency_databases.make(agency_database.kind, tables=False)
    found = await checked(settings, empty.settings)

    assert faults(found) == ["前置库中缺少数据库、表或列"]
    assert (found.reached, found.reason) == (True, PeerFailure.TABLES_MISSING)


async def test_a_column_that_is_missing_is_noticed(
    settings: Settings, agency_database: AgencyTestDatabase
) -> None:
    agency_database.run("ALTER TABLE duijie_result RENAME COLUMN receipt TO huizhi")
    assert faults(await checked(settings, agency_database.settings)) == [
        "前置库中缺少数据库、表或列"
    ]


async def test_statuses_and_errors_that_somebody_should_look_at_are_told(
    settings: Settings, agency_database: AgencyTestDatabase
) -> None:
    agency_database.hand_in("R1", "{}", status="ready")
    agency_database.hand_in("R2", "{}", status="READY ")
    agency_database.hand_in("R3", "{}", status="READY")
    agency_database.run(
        "INSERT INTO duijie_error (error_id, result_id, code, title, noticed_at)"
        " VALUES ('E1', 'R0', 'outcome.conflict', '冲突', '2026-03-02')"
    )
    found = await checked(settings, agency_database.settings)

    assert faults(found) == [
        "结果表中有 2 种无法识别的状态",
        "错误表中有未处理的错误：同一版次内容不同（outcome.conflict）",
    ]
    assert not any(one.is_fault for one in found.results)


async def test_a_database_out_of_reach_is_told(settings: Settings, tmp_path: Path) -> None:
    (port,) = free_ports(1)
    for url in (
        f"postgresql://duijie@127.0.0.1:{port}/agency",
        f"mysql://duijie@127.0.0.1:{port}/agency",
        f"sqlite:///{tmp_path}/none.db",
    ):
        found = await checked(settings, TableSettings(url=url))
        assert (found.reached, found.reason) == (False, PeerFailure.NO_ANSWER), url


async def test_a_password_that_is_wrong_is_told_and_never_shown(
    settings: Settings, agency_databases: AgencyDatabases, tmp_path: Path
) -> None:
    database = agency_databases.make("mariadb")
    password = tmp_path / "password"
    password.write_text("hunter2\n", "utf-8")
    password.chmod(0o600)
    url = database.url.replace("root@", "duijie@")
    server = agency_databases.mariadb
    server.run("CREATE OR REPLACE USER duijie@'127.0.0.1' IDENTIFIED BY 'hunter3'")
    tables = TableSettings(url=url, password_file=password)

    found = await checked(settings, tables)
    assert found.reason == PeerFailure.TABLES_LOGIN
    assert "hunter" not in str(found.results)

    # When the password is right, what its user may not do is told; then nothing is wrong
    name = url.rpartition("/")[2]
    server.run(
        "ALTER USER duijie@'127.0.0.1' IDENTIFIED BY 'hunter2'",
        f"GRANT SELECT ON {name}.* TO duijie@'127.0.0.1'",
    )
    assert (await checked(settings, tables)).reason == PeerFailure.TABLES_DENIED
    server.run(
        f"GRANT SELECT, INSERT, UPDATE ON {name}.duijie_dispatch TO duijie@'127.0.0.1'",
        f"GRANT SELECT, UPDATE ON {name}.duijie_result TO duijie@'127.0.0.1'",
        f"GRANT SELECT, INSERT ON {name}.duijie_error TO duijie@'127.0.0.1'",
    )
    assert faults(await checked(settings, tables)) == []
    server.run("DROP USER duijie@'127.0.0.1'")


async def test_what_a_user_of_postgresql_may_not_do_is_told(
    settings: Settings, agency_databases: AgencyDatabases
) -> None:
    database = agency_databases.make("postgres")
    user = f"duijie_{database.url.rpartition('_')[2]}"
    database.run(f"CREATE ROLE {user} LOGIN")
    database.run(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {user}")
    tables = TableSettings(url=database.url.replace("postgres@", f"{user}@"))
    try:
        assert (await checked(settings, tables)).reason == PeerFailure.TABLES_DENIED
        database.run(f"GRANT INSERT, UPDATE ON duijie_dispatch TO {user}")
        database.run(f"GRANT UPDATE ON duijie_result TO {user}")
        database.run(f"GRANT INSERT ON duijie_error TO {user}")
        assert faults(await checked(settings, tables)) == []
    finally:
        database.run(f"DROP OWNED BY {user}")
        database.run(f"DROP ROLE {user}")


@pytest.mark.parametrize("character_set", ["latin1", "gbk", "utf8mb3"])
async def test_a_character_set_that_loses_names_is_told_with_its_cure(
    settings: Settings, agency_databases: AgencyDatabases, character_set: str
) -> None:
    database = agency_databases.make("mariadb")
    database.run(f"ALTER TABLE duijie_result CONVERT TO CHARACTER SET {character_set}")
    found = await checked(settings, database.settings)

    assert found.reason == PeerFailure.TABLES_CHARACTER_SET
    assert "utf8mb4" in found.results[-1].cure


def test_the_command_tells_of_tables_in_words_and_for_machines(
    stack: Stack, capsys: pytest.CaptureFixture[str], agency_databases: AgencyDatabases
) -> None:
    database = agency_databases.make("sqlite")
    words = ["agency", "check", JINSHUI, "--config", str(stack.gateway_file)]
    assert run(words) == UNREACHABLE
    assert "未能连接对方" in capsys.readouterr().out

    text = stack.gateway_file.read_text("utf-8")
    mended = text.replace(f"sqlite:///exchange-{JINSHUI}.db", database.url)
    stack.gateway_file.write_text(mended, "utf-8")
    assert run([*words, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["delivery"], said["reached"], said["reason"]) == ("exchange_table", True, None)
    assert f"已写入测试行 TEST-{JINSHUI}" in str(said["checks"])


async def test_an_agency_that_fetches_is_told_by_its_calls_and_by_what_waits(
    tmp_path: Path,
) -> None:
    stack = stack_of_two(tmp_path)
    settings = stack.gateway_settings()
    (agency,) = (one for one in settings.agency if one.code == JIYUAN)
    assert (await check_agency(settings, agency)).results[0].seen == "台账无法读取"
    async with a_harness(stack) as harness:
        before = await check_agency(settings, agency)
        await harness.jiyuan.call("GET", "/agency/v1/dispatches")
        after = await check_agency(settings, agency)

    assert before.reached is None
    assert "没有被接受的调用" in before.results[0].seen
    assert "fetchDispatches" in before.results[0].cure
    assert [one.seen for one in after.results] == [
        "最近 15 分钟左右有被接受的调用，密钥有效",
        "没有等待拉取的分派单",
    ]


async def test_an_agency_without_a_system_is_told_that_nothing_connects(
    settings: Settings,
) -> None:
    agency = AgencySettings(code=JIYUAN, name="济源市", division="419001", delivery=Delivery.DESK)
    (result,) = (await check_agency(settings, agency)).results
    assert f"duijie gateway cases --agency {JIYUAN}" in result.seen
