"""机构清单版本: made once, never changed, sealed where persons are named."""

import json
from datetime import date, datetime
from pathlib import Path

import pytest

from gateway.adapters.ledger.store import LedgerStore, open_ledger
from gateway.domain.directory_checks import DirectoryFault, DirectoryRefused
from gateway.domain.directory_version import DirectoryVersion
from gateway.domain.listed_agencies import DirectoryContent
from gateway.errors import DirectoryUnreadable
from gateway.flows.directory import DirectoryMade, DirectoryRequest, make_directory_version
from gateway.flows.failpoints import Failpoint
from tests.builders.directory import (
    OFFICER,
    PROVINCE,
    TODAY,
    TREE,
    a_content,
    an_agency,
    at_jiyuan,
    many_agencies,
    responsible_for,
)
from tests.builders.ledger import a_sealer
from tests.integration.conftest import Run
from tests.integration.flows.directory_subject import AGENCIES
from tests.support.clock import SettableClock
from tests.support.failpoints import LISTING
from tests.support.killed import run_until_killed


async def make(
    store: LedgerStore,
    clock: SettableClock,
    content: DirectoryContent | None = None,
    *,
    valid_from: date | None = None,
    first_only: bool = False,
) -> DirectoryMade:
    request = DirectoryRequest(
        content or a_content(), "operator:李敏", "更新电话", valid_from, first_only
    )
    return await make_directory_version(
        request, tree=TREE, province=PROVINCE, store=store, now=clock
    )


async def read(store: LedgerStore, number: int) -> DirectoryVersion:
    version = await store.read(lambda views: views.directory(number))
    assert version is not None
    return version


async def in_force(store: LedgerStore, at: datetime) -> int:
    return await store.read(lambda views: views.directory_at(at))


async def test_a_content_becomes_the_next_version_and_is_read_as_it_was(
    store: LedgerStore, clock: SettableClock
) -> None:
    content = a_content(an_agency(), at_jiyuan(), responsible=(responsible_for(),))
    made = await make(store, clock, content)
    assert (made.version.number, made.is_new) == (1, True)
    assert await read(store, 1) == made.version
    assert (await read(store, 1)).content == content

    clock.forward(hours=1)
    other = await make(store, clock, a_content(an_agency(accounts=9)))
    assert (other.version.number, other.version.made_at) == (2, clock())
    assert (await read(store, 1)).content == content


async def test_the_same_content_again_is_no_new_version(
    store: LedgerStore, clock: SettableClock
) -> None:
    first = await make(store, clock)
    clock.forward(days=1)
    unordered = DirectoryContent((at_jiyuan(), an_agency(division="410105000000")))
    again = await make(store, clock, unordered)
    assert (again.version, again.is_new) == (first.version, False)
    assert await store.read(lambda views: views.newest_directory()) == 1


async def test_a_content_that_was_there_before_another_is_a_new_version(
    store: LedgerStore, clock: SettableClock
) -> None:
    await make(store, clock)
    await make(store, clock, a_content(an_agency()))
    back = await make(store, clock)
    assert (back.version.number, back.is_new) == (3, True)


async def test_a_content_for_a_later_day_can_be_brought_forward(
    store: LedgerStore, clock: SettableClock
) -> None:
    await make(store, clock, valid_from=date(2026, 4, 1))
    assert (await make(store, clock)).version.number == 2
    assert not (await make(store, clock, valid_from=date(2026, 4, 1))).is_new
    numbers = [await in_force(store, at) for at in (clock(), clock.forward(days=60))]
    assert numbers == [2, 2]


async def test_the_first_version_alone_is_made_of_the_settings(
    store: LedgerStore, clock: SettableClock
) -> None:
    assert (await make(store, clock, first_only=True)).is_new
    other = await make(store, clock, a_content(at_jiyuan()), first_only=True)
    assert (other.version.number, other.is_new) == (1, False)


async def test_a_content_with_faults_is_refused_with_all_of_them(
    store: LedgerStore, clock: SettableClock
) -> None:
    wrong = a_content(an_agency(parent="X"), at_jiyuan(valid_to=date(2020, 1, 1)))
    with pytest.raises(DirectoryRefused) as refused:
        await make(store, clock, wrong, valid_from=date(2026, 3, 1))
    assert [one.code for one in refused.value.faults] == [
        DirectoryFault.PARENT_UNKNOWN,
        DirectoryFault.DATES_REVERSED,
        DirectoryFault.DAY_PASSED,
    ]
    assert await store.read(lambda views: views.newest_directory()) == 0


async def test_which_version_was_in_force_is_known_to_the_instant(
    store: LedgerStore, clock: SettableClock
) -> None:
    before = clock()
    clock.forward(minutes=1)
    await make(store, clock)
    first = clock()
    clock.forward(minutes=1)
    await make(store, clock, a_content(at_jiyuan()))
    found = [await in_force(store, at) for at in (before, first, clock())]
    assert found == [0, 1, 2]


async def test_the_name_of_an_officer_is_sealed_and_an_alteration_is_noticed(
    store: LedgerStore, clock: SettableClock, sql: Run
) -> None:
    await make(store, clock, a_content(an_agency(), responsible=(responsible_for(),)))
    rows = sql("SELECT made_by, body FROM directory_versions")
    stored = [OFFICER.encode() in bytes(body) for _, body in rows if isinstance(body, bytes)]
    assert stored == [False]

    ((content,),) = sql("SELECT content FROM directory_agencies")
    assert isinstance(content, str)
    altered = json.dumps({**json.loads(content), "telephone": "110"}, ensure_ascii=False)
    sql("UPDATE directory_agencies SET content = ?", altered)
    with pytest.raises(DirectoryUnreadable):
        await read(store, 1)
    sql("UPDATE directory_agencies SET content = ?", content)
    assert (await read(store, 1)).number == 1
    sql("UPDATE directory_versions SET valid_from = '2020-01-01'")
    with pytest.raises(DirectoryUnreadable):
        await read(store, 1)


@pytest.mark.parametrize("column", ["content", "body", "made_at"])
async def test_a_damaged_row_is_said_by_its_version(
    store: LedgerStore, clock: SettableClock, sql: Run, column: str
) -> None:
    await make(store, clock)
    table = "directory_agencies" if column == "content" else "directory_versions"
    damage = {"content": "{", "body": b"\x00\x01x", "made_at": 1 << 62}[column]
    sql(f"UPDATE {table} SET {column} = ?", damage)
    with pytest.raises(DirectoryUnreadable) as unreadable:
        await read(store, 1)
    assert unreadable.value.version == 1


async def test_a_new_version_wakes_who_goes_by_the_list(
    store: LedgerStore, clock: SettableClock
) -> None:
    woken: list[set[str]] = []
    store.subscribe(woken.append)
    await make(store, clock)
    await make(store, clock)
    assert woken == [{"agency-directory"}]


@pytest.mark.parametrize("at", LISTING)
async def test_a_death_makes_a_version_whole_or_not_at_all_and_a_repeat_ends_it(
    url: str, store: LedgerStore, clock: SettableClock, tmp_path: Path, at: Failpoint
) -> None:
    await store.close()
    module = "tests.integration.flows.directory_subject"
    await run_until_killed(module, url, at.value, str(tmp_path / "kept"))
    again = open_ledger(url, sealer=a_sealer(), now=clock)
    newest = await again.read(lambda views: views.newest_directory())
    assert newest == (0 if at is Failpoint.DIRECTORY_WRITTEN else 1)
    made = await make(again, clock, a_content(*many_agencies(AGENCIES)))
    assert (made.version.number, made.is_new) == (1, at is Failpoint.DIRECTORY_WRITTEN)
    assert len((await read(again, 1)).content.agencies) == AGENCIES
    assert made.version.valid_from == TODAY
    await again.close()
