"""退回部端, there and back: what a province cannot decide is somebody's, and blocks no feed."""

from pathlib import Path
from typing import Final

from gateway.adapters.ledger.store import open_ledger
from gateway.adapters.portal import HttpPortal
from gateway.adapters.signed_client import SignedClient
from gateway.domain.case import State
from gateway.domain.feed_items import position_of
from gateway.flows.intake import ingest
from gateway.flows.relay import relay_reports
from schemas.records.application_returns import UNREADABLE_CONTENT
from schemas.reference.clock import utc_now
from tests.builders.ledger import a_sealer
from tests.contract.docking_set import a_national_side
from tests.integration.flows.desk import Desk
from tests.integration.flows.operator import return_to_portal
from tests.support.clock import SettableClock

HENAN, HUNAN = "410000", "430000"
BROKEN: Final = (b'{"kind":"application"}', b"1,2", b'{"a":{]', b"\xff\xfe{", b"")
"""Items without a number; some of them break the page that they are in."""


async def test_items_without_a_number_and_of_others_go_back_and_the_feed_is_empty(
    tmp_path: Path,
) -> None:
    async with a_national_side(tmp_path) as (national, connection):
        book = national.entry.book
        # Given a feed with an application of another province behind items that bear no number
        for content in BROKEN:
            book.inject(HENAN, content, None, 1000)
        (other,) = await national.entry.file_people(1, seed=7, places=["430102"])
        book.forward_on(other, HENAN)
        await national.entry.file_people(1, seed=7, places=["410105"])

        # When the gateway takes over what there is, until nothing new comes
        clock = SettableClock(utc_now)
        ledger = f"sqlite:///{tmp_path / 'ledger.db'}"
        desk = Desk(open_ledger(ledger, sealer=a_sealer(), now=clock), clock)
        async with SignedClient(
            connection.base, connection.of_caller(), peer="portal", now=utc_now
        ) as client:
            portal = HttpPortal(client)
            held: list[str] = []
            while len(book.feed(HENAN)):
                page = await ingest(portal, store=desk.store, rules=desk.rules, now=desk.clock)
                assert page.rows
                held += [row.key or "" for row in page.rows if row.held is not None]

            # And what is not the province's is given back
            nameless = [key for key in held if position_of(key) is not None]
            await return_to_portal(desk, *nameless, reason=UNREADABLE_CONTENT)
            await return_to_portal(desk, other.number)
            await relay_reports(portal, store=desk.store, now=desk.clock, jitter=desk.jitter)

        # Then each has a case, all of these have ended, and every one is with somebody else
        assert len(nameless) == len(BROKEN)
        assert {*held} == {*nameless, other.number}
        assert [(await desk.case(key)).state for key in held] == [State.RETURNED] * len(held)
        assert (other.area, [way.area for way in other.forwarded_on]) == (HUNAN, [HENAN, HUNAN])
        assert len(book.feed(HUNAN)) == 1
        waiting = {one.record.position for one in book.desk.waiting()}
        assert waiting == {position_of(key) for key in nameless}
        await desk.store.close()
