"""机构清单发布: sent until all of it is there, and overtaken by what is newer."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from gateway.adapters.ledger.store import LedgerStore, open_ledger
from gateway.domain.listed_agencies import DirectoryContent
from gateway.errors import LeaseLost, PeerUnavailable
from gateway.flows.directory import DirectoryRequest, make_directory_version
from gateway.flows.directory_publication import PublicationTurn, Published, publish_next_part
from gateway.flows.failpoints import Failpoint
from gateway.flows.maintenance import LEASE_LENGTH, lead
from gateway.ports.directory import DirectoryRow, PublicationResult
from gateway.ports.leadership import LeaderLease
from tests.builders.directory import (
    PROVINCE,
    TREE,
    a_content,
    an_agency,
    at_jiyuan,
    many_agencies,
)
from tests.builders.ledger import a_sealer
from tests.integration.flows.directory_subject import KeptInFile
from tests.support.clock import SettableClock
from tests.support.directory_receiver import ScriptedReceiver
from tests.support.failpoints import PUBLISHING
from tests.support.killed import run_until_killed

NOTHING = PublicationTurn(Published.NOTHING)
LEASE = "directory-publication"


class Publisher:
    """Publishes from one ledger to one scripted national side."""

    def __init__(self, store: LedgerStore, clock: SettableClock) -> None:
        self.store, self.clock = store, clock
        self.receiver, self.turn = ScriptedReceiver(), NOTHING

    async def make(
        self, content: DirectoryContent | None = None, valid_from: date | None = None
    ) -> int:
        """Make a version and return its number."""
        request = DirectoryRequest(content or a_content(), "operator:李敏", "更新", valid_from)
        made = await make_directory_version(
            request, tree=TREE, province=PROVINCE, store=self.store, now=self.clock
        )
        return made.version.number

    async def lease(self, holder: str = "a") -> LeaderLease:
        """Take the lease."""
        found = await lead(holder=holder, store=self.store, now=self.clock, name=LEASE)
        assert found is not None
        return found

    async def step(self) -> PublicationTurn:
        """Take one turn."""
        self.turn = await publish_next_part(
            await self.lease(),
            self.receiver,
            division=PROVINCE,
            before=self.turn,
            store=self.store,
            now=self.clock,
        )
        return self.turn

    async def to_the_end(self) -> PublicationTurn:
        """Take turns while there are parts to send."""
        while (await self.step()).result is Published.PART:
            continue
        return self.turn

    async def rows(self) -> list[DirectoryRow]:
        """Return the versions, newest first."""
        return await self.store.read(lambda views: views.directories(before=1000, limit=9))


@pytest.fixture
def here(store: LedgerStore, clock: SettableClock) -> Publisher:
    return Publisher(store, clock)


async def test_a_version_is_published_part_by_part_and_once(here: Publisher) -> None:
    await here.make(a_content(*many_agencies(450)))
    assert (await here.to_the_end()).result is Published.PUBLISHED
    assert here.receiver.calls == [(1, 1), (1, 2), (1, 3)]
    assert here.receiver.in_force() == [1]
    assert (await here.step()).result is Published.NOTHING
    (row,) = await here.rows()
    assert row.publication is not None
    assert (row.publication.result, row.publication.at) == (
        PublicationResult.PUBLISHED,
        here.clock(),
    )


async def test_without_a_version_nothing_is_sent(here: Publisher) -> None:
    assert (await here.to_the_end()).result is Published.NOTHING
    assert here.receiver.calls == []


async def test_a_lost_answer_sends_the_same_part_again(here: Publisher) -> None:
    await here.make(a_content(*many_agencies(201)))
    here.receiver.lost_replies.append(PeerUnavailable("portal"))
    with pytest.raises(PeerUnavailable):
        await here.step()
    assert (await here.to_the_end()).result is Published.PUBLISHED
    assert here.receiver.calls == [(1, 1), (1, 1), (1, 2)]


async def test_a_sender_that_remembers_nothing_is_told_what_is_there(here: Publisher) -> None:
    await here.make(a_content(*many_agencies(450)))
    await here.step()
    await here.step()
    here.turn = NOTHING
    assert (await here.to_the_end()).result is Published.PUBLISHED
    assert here.receiver.calls == [(1, 1), (1, 2), (1, 1), (1, 3)]


async def test_a_newer_version_overtakes_one_that_is_half_sent(here: Publisher) -> None:
    await here.make(a_content(*many_agencies(450)))
    await here.step()
    await here.make(a_content(at_jiyuan()))
    assert (await here.to_the_end()).result is Published.PUBLISHED
    assert here.receiver.calls == [(1, 1), (2, 1)]
    newest, overtaken = await here.rows()
    assert (newest.overtaken, overtaken.overtaken) == (False, True)
    assert (await here.step()).result is Published.NOTHING


async def test_a_version_for_a_later_day_waits_for_its_day(here: Publisher) -> None:
    await here.make()
    await here.make(a_content(at_jiyuan()), date(2026, 3, 4))
    await here.to_the_end()
    assert (await here.step()).result is Published.NOTHING
    here.clock.forward(days=2)
    assert (await here.to_the_end()).version == 2
    assert here.receiver.in_force() == [1, 2]


@pytest.mark.parametrize("code", ["directory.conflict", "directory.superseded"])
async def test_a_refusal_ends_the_publishing_of_that_version_alone(
    here: Publisher, code: str
) -> None:
    await here.make()
    here.receiver.refusals[1] = code
    refused = await here.to_the_end()
    assert (refused.result, refused.code) == (Published.REFUSED, code)
    assert (await here.step()).result is Published.NOTHING
    await here.make(a_content(at_jiyuan()))
    assert (await here.to_the_end()).result is Published.PUBLISHED
    results = [one.publication.result for one in await here.rows() if one.publication]
    assert results == [PublicationResult.PUBLISHED, PublicationResult.REFUSED]


async def test_a_list_that_lacks_an_address_is_not_sent(here: Publisher) -> None:
    await here.make(a_content(an_agency(address=None)))
    assert (await here.to_the_end()).result is Published.INCOMPLETE
    assert here.receiver.calls == []


async def test_who_lost_the_lease_notes_nothing(here: Publisher) -> None:
    await here.make()
    lost = await here.lease()
    here.clock.forward(seconds=(LEASE_LENGTH + timedelta(minutes=1)).total_seconds())
    await here.lease("b")
    with pytest.raises(LeaseLost):
        await publish_next_part(
            lost,
            here.receiver,
            division=PROVINCE,
            before=NOTHING,
            store=here.store,
            now=here.clock,
        )
    (row,) = await here.rows()
    assert row.publication is None


async def test_how_long_a_version_waits_to_be_published_is_counted(here: Publisher) -> None:
    async def since() -> object:
        figures = await here.store.read(lambda views: views.figures(date(2026, 3, 2)))
        return figures.directory_unpublished

    assert await since() is None
    first = here.clock()
    await here.make()
    here.clock.forward(hours=1)
    await here.make(a_content(at_jiyuan()))
    assert await since() == first
    await here.to_the_end()
    assert await since() is None
    await here.make(valid_from=date(2026, 3, 4))
    assert await since() is None


@pytest.mark.parametrize("at", PUBLISHING)
async def test_a_death_while_publishing_doubles_nothing_and_another_goes_on(
    url: str, clock: SettableClock, tmp_path: Path, at: Failpoint
) -> None:
    kept = tmp_path / "kept"
    module = "tests.integration.flows.directory_subject"
    await run_until_killed(module, url, at.value, str(kept))
    clock.forward(minutes=10)
    store = open_ledger(url, sealer=a_sealer(), now=clock)
    here = Publisher(store, clock)
    here.receiver = KeptInFile(kept)
    there = sum(len(parts) for parts in here.receiver.kept.values())
    assert there == (1 if at is Failpoint.PART_SENT else 3)
    ended = await here.to_the_end()
    stored = at is Failpoint.PUBLICATION_STORED
    assert ended.result is (Published.NOTHING if stored else Published.PUBLISHED)
    assert here.receiver.in_force() == [1]
    (row,) = await here.rows()
    assert row.publication is not None
    await store.close()
