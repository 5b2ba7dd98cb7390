"""探测值: no value that a peer can send stands in anything that gateway or simulator write.

Canaries are planted in every place that a caller, a portal or an agency's system can reach; then
logs at debug level, metrics, pages, answers to others, settings, the ledger with its side files
and temporary files are scanned. An application number is opaque and shown everywhere by contract,
so no canary stands there.
"""

import asyncio
import io
import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import aiohttp
import orjson
import pytest

from gateway.logs import JsonLines as GatewayLines
from schemas.records.strict_json import RawItem
from schemas.reference.clock import utc_now
from schemas.signing import Link, new_key
from simulator.app import Simulator
from simulator.exchanges.events import EventKind
from simulator.logs import JsonLines as SimulatorLines
from tests.builders.records import JINSHUI, JIYUAN, outcome_json
from tests.integration.gateway.harness import AGENCIES
from tests.support.canaries import CERTIFICATE, MOBILE, NAME, files_below, scan
from tests.support.signing_client import SigningClient
from tests.support.stack import PROVINCE, Connection, a_gateway, a_simulator, make_stack
from tests.support.until import until
from tests.system.external_client import CITY, NEVER_S
from tests.system.hostile_peers import (
    ALL,
    HEADERS,
    IN_HEADER,
    HostilePeer,
    HostileReply,
    a_hostile_peer,
    hostile_items,
    hostile_replies,
)


def is_json(item: bytes) -> bool:
    """Say whether an item leaves the page around it readable."""
    try:
        orjson.loads(item)
    except orjson.JSONDecodeError:
        return False
    return True


OF_REQUESTS = {name: value for name, value in HEADERS.items() if name != "Content-Type"}
FORGED = {
    "Signature-Input": f'sig1=("@method");keyid="{CERTIFICATE}";nonce="{MOBILE}"',
    "Signature": f"sig1=:{MOBILE}:",
}
EMPTY_PAGE = b'{"items":[],"more":false}'
PAGE = b'{"items":[%s],"more":false}' % b",".join(hostile_items())
PAGES = (
    b'{"items":[%s],"more":false}' % b",".join(item for item in hostile_items() if is_json(item)),
    PAGE,
)
CONSOLE = ("/", "/?state=HELD", "/quarantine", *(f"/cases/SY-{n}" for n in ("GOOD", "NAME")))


CONTROL_PAGES = tuple(
    f"/control/v1/{name}"
    for name in ("summary", "applications", "events", "faults", f"agencies/{CITY}")
)
CONTROLS = tuple(f"/control/v1/{name}" for name in ("applications", "applications/raw", "faults"))
FORM = urlencode({"aac003": NAME, "aac147": CERTIFICATE, "aac067": MOBILE, NAME: ALL}).encode()
HEALTH = ("/livez", "/readyz", "/metrics")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give a folder in which everything is written: logs of all libraries, temporary files.

    A library that quotes what a peer sent stands for all that we do not know. Afterwards the
    canaries must have come as far as the loggers, so that a log without our rule would leak.
    """
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    with logged_to(tmp_path), quoted() as unguarded:
        logging.getLogger("aiohttp.server").error("cannot read %s of %s", ALL, CERTIFICATE)
        yield tmp_path
    assert scan({"a log without our rule": unguarded.getvalue().encode()})


@contextmanager
def quoted() -> Iterator[io.StringIO]:
    """Give what a plain formatter makes of everything that is logged meanwhile."""
    handler = logging.StreamHandler(io.StringIO())
    logging.getLogger().addHandler(handler)
    try:
        yield handler.stream
    finally:
        logging.getLogger().removeHandler(handler)


@contextmanager
def logged_to(folder: Path) -> Iterator[None]:
    """Write what is logged, at debug level, by the gateway's rule and by the simulator's."""
    root = logging.getLogger()
    before = root.level
    handlers = [
        logging.FileHandler(folder / "gateway.log", encoding="utf-8"),
        logging.FileHandler(folder / "simulator.log", encoding="utf-8"),
    ]
    for handler, lines in zip(handlers, (GatewayLines(), SimulatorLines()), strict=True):
        handler.setFormatter(lines)
        root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.setLevel(before)
        for handler in handlers:
            root.removeHandler(handler)
            handler.close()


def at(connection: Connection, session: aiohttp.ClientSession) -> SigningClient:
    return SigningClient(connection.base, connection.of_caller(), session)


async def attack(client: SigningClient, paths: tuple[str, ...], bodies: tuple[bytes, ...]) -> None:
    """Send canaries in every part of a request: signed, unsigned, under a foreign key, as bytes."""
    for path in paths:
        for body in bodies:
            signed = client.sign("POST", path, body)
            await client.send("POST", path, body, signed.headers)
            await client.send("POST", path, body, signed.headers | OF_REQUESTS)
            await client.send("POST", path, body, OF_REQUESTS)
            await client.send("POST", path, body, HEADERS)
            await client.send("POST", path, body, FORGED)
        for target in (
            f"{path}?limit={quote(ALL)}&{quote(NAME)}={CERTIFICATE}&wait={MOBILE}",
            f"{path}/{quote(NAME)}/{CERTIFICATE}",
            f"/{CERTIFICATE}/{quote(ALL)}",
        ):
            await client.send("GET", target, None, client.sign("GET", target).headers)
            await client.send("GET", target, None, HEADERS)
            await client.send("DELETE", target, None, {"traceparent": IN_HEADER})
    named = new_key(CERTIFICATE, client.link.ours.signing(utc_now()).suite)
    unknown_caller = SigningClient(client.base, Link(named, client.link.theirs), client.session)
    foreign = unknown_caller.sign("POST", paths[0], bodies[0]).headers
    await unknown_caller.send("POST", paths[0], bodies[0], foreign)
    await raw(client.base)


async def raw(base: str) -> None:
    """Send what is no HTTP, with canaries."""
    host, port = urlsplit(base).hostname, urlsplit(base).port
    for request in (
        f"{CERTIFICATE} /{MOBILE} HTTP/1.1\r\nHost: {CERTIFICATE}\r\n\r\n",
        f"GET /{ALL} HTTP/{CERTIFICATE}\r\n\r\n",
        f"{ALL}\r\n\r\n",
        f"GET / HTTP/1.1\r\nHost: a\r\n{ALL}: {ALL}\r\n{CERTIFICATE}\r\n\r\n",
        f"POST / HTTP/1.1\r\nHost: {MOBILE}\r\nContent-Length: {CERTIFICATE}\r\n\r\n",
        f"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{CERTIFICATE}\r\n",
    ):
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(request.encode())
        writer.write_eof()
        await reader.read()
        writer.close()


def bodies(member: str) -> tuple[bytes, ...]:
    """Return bodies of a batch with canaries in values, names, unknown members and no JSON."""
    outcome = outcome_json(aae019=NAME, aae020=ALL, acc020=CERTIFICATE, application_no="SY-GOOD")
    batch = b'{"%s":[%s]}' % (member.encode(), outcome)
    return (
        batch,
        orjson.dumps({member: [{NAME: ALL, CERTIFICATE: MOBILE}], f"{NAME}{MOBILE}": ALL}),
        orjson.dumps({"echo": CERTIFICATE, NAME: ALL}),
        orjson.dumps({"echo": MOBILE}),
        f"{ALL}".encode(),
        f'{{"{member}":[{{"{CERTIFICATE}":"{ALL}"'.encode(),
    )


async def test_what_hostile_peers_and_callers_send_is_written_nowhere(folder: Path) -> None:
    # Given a gateway whose portal and whose agency answer with canaries wherever they can
    stack = make_stack(folder / "stack", AGENCIES)
    replies = [*(HostileReply(200, one, is_signed=True) for one in PAGES), *hostile_replies(PAGE)]
    portal = HostilePeer(stack.portal(), replies, EMPTY_PAGE, frozenset({"GET"}))
    pushed = HostilePeer(stack.push(JINSHUI), hostile_replies(EMPTY_PAGE), b"{}")
    async with (
        aiohttp.ClientSession() as session,
        a_hostile_peer(portal),
        a_hostile_peer(pushed) as pushes,
        a_gateway(stack.gateway_settings(), jitter=lambda: 0.0) as gateway,
    ):
        await until(lambda: portal.is_through, "the portal has given every answer")
        await until(lambda: pushes.count >= 3, "three pushes were answered")

        # When a caller does the same in every part of a request
        await attack(
            at(stack.agency(JIYUAN), session),
            ("/agency/v1/outcomes", "/agency/v1/ping", "/agency/v1/dispatches/acknowledgements"),
            bodies("outcomes"),
        )

        # Then nothing of it stands in what others are answered, or in any file
        shown = {path: await page(session, gateway.addresses.console + path) for path in CONSOLE}
        shown |= {path: await page(session, gateway.addresses.health + path) for path in HEALTH}
        other = at(stack.agency(JIYUAN), session)
        shown["other"] = (await other.call("GET", "/agency/v1/dispatches?wait=0")).body
        while_open = files_below(folder)
    assert b"SY-GOOD" in shown["/"]
    assert "gateway.db-wal" in "".join(while_open)
    assert b"request.refused" in while_open["gateway.log"]
    assert scan(shown) == []
    assert scan(while_open) == []
    assert scan(files_below(folder)) == []


async def test_what_is_sent_to_the_simulator_is_written_nowhere(folder: Path) -> None:
    # Given a gateway docked to the simulator, whose feed holds items with canaries
    stack = make_stack(folder / "stack", decide_after_s=NEVER_S)
    async with (
        aiohttp.ClientSession() as session,
        a_simulator(stack.simulator_settings()) as simulator,
        a_gateway(stack.gateway_settings(), jitter=lambda: 0.0) as gateway,
    ):
        book = simulator.entry.book
        for item in hostile_items():
            book.inject(PROVINCE, item, RawItem(item).number(), 1)

        def all_came_over() -> bool:
            events = book.events.after(0, 10_000)
            known = [one.application_no for one in events if one.kind is EventKind.ACKNOWLEDGED]
            return {"SY-GOOD", "SY-NAME", "SY-BROKEN", "SY-DATE"} <= {*known}

        await until(all_came_over, within_s=20)

        # When callers send canaries to the national side, to an agency, and to the pages
        portal, agency = stack.portal(), stack.push(CITY)
        await attack(
            at(portal, session),
            ("/national/v1/outcomes", "/national/v1/applications/acknowledgements"),
            bodies("outcomes"),
        )
        await attack(at(agency, session), ("/dispatches", "/ping"), bodies("dispatches"))
        await attack(at(portal, session), ("/", "/progress/SY-GOOD"), (FORM,))
        await attack(control(simulator, portal, session), CONTROLS, bodies("applications"))

        # Then nothing of it stands in what others are answered, or in any file
        here = simulator.addresses
        shown = {path: await page(session, here.control + path) for path in CONTROL_PAGES}
        shown["/"] = await page(session, f"{here.national}/")
        shown["/metrics"] = await page(session, f"{gateway.addresses.health}/metrics")
        while_open = files_below(folder)
    assert b"SY-" in shown["/control/v1/events"]
    assert b"signature.refused" in while_open["simulator.log"]
    assert scan(shown) == []
    assert scan(while_open) == []
    assert scan(files_below(folder)) == []


def control(
    simulator: Simulator, portal: Connection, session: aiohttp.ClientSession
) -> SigningClient:
    """Return a client that calls the control interface; it asks for no signature."""
    return SigningClient(simulator.addresses.control, portal.of_caller(), session)


async def page(session: aiohttp.ClientSession, url: str) -> bytes:
    async with session.get(url) as answer:
        return await answer.read()
