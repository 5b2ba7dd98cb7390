"""账本: what the simulators wrote down, as one JSON text for the checker."""

import json
from typing import Final

import aiohttp

from simulator.app import Simulator
from simulator.exchanges.receipts import content_digest
from tests.system.kills.load import Load

_PAGE: Final = 1000

Rows = list[dict[str, object]]


async def written_down(simulator: Simulator, load: Load) -> str:
    """Return the books by the control interface, and the digests of what people and agencies sent.

    `filed` are the applications as they were filed, `arrived` as they reached an agency, `results`
    what agencies handed in with the gateway's answer; digests only, no personal value.
    """
    async with aiohttp.ClientSession(trust_env=False) as session:
        base = f"{simulator.addresses.control}/control/v1"
        return json.dumps(
            {
                "applications": await _all(session, f"{base}/applications", "applications"),
                "events": await _all(session, f"{base}/events", "events"),
                "agencies": [
                    await _asked(session, f"{base}/agencies/{code}") for code in simulator.agencies
                ],
                "filed": load.filed,
                "arrived": _arrived(simulator),
                "results": _results(simulator, load),
            }
        )


def _arrived(simulator: Simulator) -> Rows:
    return [
        {
            "application_no": one.dispatch.application.application_no,
            "digest": content_digest(one.dispatch.application.wire()),
        }
        for agency in simulator.agencies.values()
        for one in agency.book.received.values()
    ]


def _results(simulator: Simulator, load: Load) -> Rows:
    first = [
        (one.dispatch.application.application_no, 1, one.outcome, one.sent, one.answer)
        for agency in simulator.agencies.values()
        for one in agency.book.received.values()
        if one.outcome is not None
    ]
    second = [
        (one.application_no, 2, one.content, one.sent, one.answer) for one in load.corrections
    ]
    return [
        {
            "application_no": number,
            "revision": revision,
            "digest": content_digest(content),
            "sent": sent,
            "answer": answer,
        }
        for number, revision, content, sent, answer in first + second
    ]


async def _all(session: aiohttp.ClientSession, url: str, member: str) -> Rows:
    """Return every entry of a list that is handed out in pages."""
    rows: Rows = []
    more = True
    while more:
        page = await _asked(session, f"{url}?after={len(rows)}&limit={_PAGE}")
        found, more = page[member], bool(page["more"])
        assert isinstance(found, list)
        rows += found
    return rows


async def _asked(session: aiohttp.ClientSession, url: str) -> dict[str, object]:
    async with session.get(url) as answer:
        assert answer.status == 200, url
        body: dict[str, object] = await answer.json()
        return body
