"""Odd keys: text that no database holds, in every place of an address of console and health."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from random import random
from typing import Final
from urllib.parse import urlsplit

import pytest

from gateway.app.build import build
from gateway.app.build_context import BuildContext
from gateway.app.interfaces import build_interfaces, serve
from gateway.flows.failpoints import no_hook
from gateway.metrics import Metrics
from gateway.web.calls import Call
from gateway.web.endpoints import UnsignedEndpoint
from gateway.web.long_poll import Notifier
from schemas.reference.clock import utc_now
from storage.urls import sqlite_url
from tests.integration.gateway.harness import stack_of_two
from tests.integration.gateway.test_access import finish
from tests.support.raw_http import raw_connection
from transport.connection_limiter import ConnectionLimits

ODD: Final[Mapping[str, tuple[bytes, str]]] = {
    "NUL": (b"SY%00", "SY\0"),
    "a lone surrogate": (b"%ED%A0%80", "\ud800"),
    "a byte that is not UTF-8": (b"%FF", "\udcff"),
    "raw bytes": (b"\xff\xfe", "\udcff\udcfe"),
    "a line break": (b"SY%0A1", "SY\n1"),
    "a slash": (b"..%2F..%2F", "../../"),
    "five kilobytes": (b"9" * 5_000, "9" * 5_000),
    "ten kilobytes": (b"9" * 10_000, "9" * 10_000),
    "nothing": (b"%20", " "),
}
"""Each as it stands in an address, and as the text that a handler may be given."""


class OddQuery(Mapping[str, str]):
    """A query in which every name stands, with one odd text; notes which names are asked for."""

    def __init__(self, text: str) -> None:
        self._text, self.asked = text, set[str]()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return self._text

    def __iter__(self) -> Iterator[str]:
        return iter(self.asked)

    def __len__(self) -> int:
        return len(self.asked)


Endpoints = tuple[tuple[str, UnsignedEndpoint], ...]
"""What a gateway serves without signature, each endpoint with the URL of its listener."""


@pytest.fixture(params=["sqlite", "postgresql"])
async def endpoints(
    request: pytest.FixtureRequest, anyio_backend: str, tmp_path: Path
) -> AsyncIterator[Endpoints]:
    """Serve console and health over each kind of store."""
    url = sqlite_url(tmp_path / "odd.db")
    if request.param == "postgresql":
        url = request.getfixturevalue("make_ledger_database")()
    settings = stack_of_two(tmp_path).gateway_settings().model_copy(update={"store": url})
    context = BuildContext(utc_now, random, no_hook, Metrics(version="0", contract="0"))
    async with asyncio.timeout(60), AsyncExitStack() as closing:
        parts = build(settings, context, closing=closing, on_broken=lambda _: None)
        shown = build_interfaces(parts, context, notifier=Notifier(), page=None)
        shown.health.ready = True
        servers = await serve(shown, parts, context, settings=settings, limits=ConnectionLimits())
        closing.push_async_callback(finish, servers)
        listed = [(servers.console.url, one) for one in shown.console]
        listed += [(servers.health.url, one) for one in shown.health.endpoints()]
        yield tuple((base, one) for base, one in listed if isinstance(one, UnsignedEndpoint))


async def test_no_odd_key_in_any_place_of_an_address_is_a_fault(endpoints: Endpoints) -> None:
    answers: dict[tuple[str, str], int] = {}
    looked_up = set[str]()
    for base, endpoint in endpoints:
        for which, (written, text) in ODD.items():
            # as a handler is given it, whatever the HTTP library makes of it
            query = OddQuery(text)
            answer = await endpoint.handler(Call(query, OddQuery(text)))
            answers[f"handler {endpoint.name}", which] = answer.status
            looked_up |= {f"{endpoint.name} {name}" for name in query.asked}

            # and as it comes over the line, in the path and under every name that is asked for
            path = endpoint.path.partition("{")[0].encode()
            if "{" in endpoint.path:
                path += written
            words = [name.encode() + b"=" + written for name in sorted(query.asked)]
            targets = [path, *(path + b"?" + word for word in (*words, b"&".join(words)))]
            for target in targets:
                answers[f"{endpoint.name} {target[:40]!r}", which] = await status(base, target)

    faults = {place: one for place, one in answers.items() if one not in {200, 400, 404}}
    assert not faults
    assert {f"console.worklist {name}" for name in ("agency", "key", "after")} <= looked_up
    for which in ("NUL", "a lone surrogate"):
        assert answers["handler console.case", which] == 404
        assert answers["handler console.worklist", which] == 404


async def status(base: str, target: bytes) -> int:
    async with raw_connection(base) as line:
        host = urlsplit(base).netloc.encode()
        line.send(b"GET " + target + b" HTTP/1.1\r\nHost: " + host + b"\r\n\r\n")
        return (await line.answer()).status
