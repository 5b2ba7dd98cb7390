"""Old and new sides get on: who knows 1.0 alone, with who knows 1.1, in both directions."""

import asyncio
import hashlib
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import aiohttp
import orjson
import pytest
from aiohttp import web

from contracts.compat.changes import ORDERS, Pairing
from contracts.compat.compare import compare
from contracts.publish.export import files_in, generated
from duijie.cli import run
from gateway.adapters.ledger.store import open_ledger
from gateway.adapters.portal import HttpPortal
from gateway.adapters.signed_client import SignedClient
from gateway.domain.case import State
from gateway.domain.portal_return import RETURN_REFUSED
from gateway.flows.intake import ingest
from gateway.flows.relay import relay_reports
from schemas.reference.clock import utc_now
from schemas.signing import Suite
from tests.builders.ledger import a_sealer
from tests.builders.records import application_json
from tests.contract.docking_set import FETCHING, JIYUAN, a_docking_set, a_national_side
from tests.contract.sides import NATIONAL, PROVINCE, ROOTS, all_sides
from tests.contract.test_examples_clients import (
    APPLICATIONS,
    DISPATCHES,
    WITHIN_S,
    outcome_of,
    run_to_end,
)
from tests.integration.flows.desk import Desk
from tests.integration.flows.operator import return_to_portal
from tests.integration.gateway.peers import PortalServer, Reply, signed_app
from tests.support import contract_1_0
from tests.support.clock import SettableClock
from tests.support.peers import a_problem
from tests.support.serving import served
from tests.support.stack import Connection, make_stack
from tests.support.tree import ROOT

RECORDED: Final = Path(__file__).parent / "recorded_client.py"
CLIENT: Final = ROOT / "examples" / "released-1.0" / "client.py"
"""The example client of 1.0, as it was."""
CLIENT_DIGEST: Final = "ba6f8cbc819e9e798ebb0bdd4b0b0309c9cce2a742d2fc5caf95317e17537eff"
LATER: Final = frozenset({"positions", "superseded", "division", "local_serial"})
"""Members that 1.0 does not have."""


# The released version itself


def test_what_is_kept_of_1_0_is_what_was_released() -> None:
    lock = json.loads((contract_1_0.RELEASED / "contract.lock.json").read_bytes())
    assert lock["version"] == "1.0.0"
    assert lock["contract"].startswith("a3de226a527d49ed")
    kept = files_in(contract_1_0.RELEASED)
    assert len(kept) > 100
    for name, content in kept.items():
        if name != "contract.lock.json":
            assert hashlib.sha256(content).hexdigest() == lock["files"][name], name


def test_the_client_of_1_0_is_the_one_that_was_released() -> None:
    client = b"".join(CLIENT.with_name(name).read_bytes() for name in ("client.py", "signed.py"))
    assert hashlib.sha256(client).hexdigest() == CLIENT_DIGEST


def test_1_1_is_compatible_with_1_0_in_both_directions_in_any_order() -> None:
    changes = compare(files_in(contract_1_0.RELEASED), generated())
    assert [(one.file, one.place) for one in changes if one.breaking] == []
    assert {one.allowance for one in changes} >= {"asked", "echoed", "not-built", "open"}
    assert any(one.rule == "operation-added" for one in changes)


def test_the_command_proves_it_and_says_the_order(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["contract", "compat", "--base", "1.0.0"]) == 0
    said = capsys.readouterr().out.splitlines()[-3:]
    assert said == [
        "旧版调用方对新版服务方：兼容",
        "新版调用方对旧版服务方：兼容",
        f"升级次序：{ORDERS[frozenset[Pairing]()]}",
    ]


# Old callers and new servers


@dataclass(frozen=True)
class Exchange:
    """A request that the client of 1.0 sent, and what it was answered."""

    method: str
    path: str
    sent: str
    status: int
    got: str


async def ran(
    connection: Connection, feed: str, transcript: Path, *more: str
) -> tuple[str, list[Exchange]]:
    """Run the client of 1.0 to its end; return what it said, and what went there and back."""
    words = [
        *(sys.executable, str(RECORDED), str(transcript), str(CLIENT)),
        f"{connection.base}{feed}",
        *(str(connection.caller.private), str(connection.answerer.public), *more),
    ]
    code, said, faults = await run_to_end(words)
    assert code == 0, faults
    return said, read_transcript(transcript)


def read_transcript(transcript: Path) -> list[Exchange]:
    lines = transcript.read_text("utf-8").splitlines()
    return [Exchange(**json.loads(line)) for line in lines]


def wrong_for_1_0(side: str, exchanges: list[Exchange]) -> list[str]:
    """Return what in the exchanges a party of 1.0 would not take."""
    return [
        fault
        for one in exchanges
        for fault in (
            *contract_1_0.faults_of_request(side, one.method, one.path, one.sent.encode()),
            *contract_1_0.faults_of_answer(
                side, one.method, one.path, one.status, one.got.encode()
            ),
        )
    ]


async def test_an_agency_of_1_0_docks_onto_a_gateway_of_1_1(tmp_path: Path) -> None:
    async with a_docking_set(tmp_path, Suite.ED25519) as here:
        await here.national.entry.file_people(1, seed=7, places=[JIYUAN])
        said, exchanges = await ran(here.agency, DISPATCHES, tmp_path / "transcript")
        async with asyncio.timeout(WITHIN_S):
            await here.reported.wait()
        assert outcome_of(here.national, said).agency_code == FETCHING
    assert [one.status for one in exchanges] == [200] * 3
    assert wrong_for_1_0(PROVINCE, exchanges) == []


async def test_a_province_of_1_0_docks_onto_a_national_side_of_1_1(tmp_path: Path) -> None:
    async with a_national_side(tmp_path) as (national, connection):
        more = (national.addresses.control, "410105")
        said, exchanges = await ran(connection, APPLICATIONS, tmp_path / "transcript", *more)
        assert outcome_of(national, said).registration_no
    assert [one.status for one in exchanges] == [200] * 3
    assert wrong_for_1_0(NATIONAL, exchanges) == []


GETS: Final[Mapping[str, tuple[str, ...]]] = {
    "downloadApplications": ("?limit=200&wait=0", ""),
    "fetchDispatches": ("?limit=200&wait=0", ""),
    "getCase": ("",),
    "fetchStatement": ("",),
    "fetchCodeTables": ("",),
    "fetchDivisions": ("",),
}
REFUSES_THE_MESSAGE: Final = frozenset({"message.malformed", "message.invalid", "route.unknown"})


async def test_whatever_1_0_may_say_is_taken_and_answered_in_words_of_1_0(tmp_path: Path) -> None:
    """Every operation of 1.0, with every example that 1.0 published, at every server."""
    wrong: list[str] = []
    asked = set[tuple[str, str]]()
    async with all_sides(tmp_path) as clients:
        for one in contract_1_0.operations():
            root = "" if one.path.startswith(ROOTS[one.side]) else ROOTS[one.side]
            path = one.path.format(key="SY1", date="2026-03-03")
            bodies: list[bytes | None] = [*contract_1_0.examples(one.request)] or [None]
            for query in GETS.get(one.name, ("",)):
                for body in bodies:
                    answered = await clients[one.side].call(
                        one.method, f"{root}{path}{query}", body
                    )
                    asked.add((one.side, one.name))
                    wrong += _wrong_answer(one, path, answered.status, answered.body)
    assert wrong == []
    assert asked == {(one.side, one.name) for one in contract_1_0.operations()}


def _wrong_answer(one: contract_1_0.Operation10, path: str, status: int, body: bytes) -> list[str]:
    said = orjson.loads(body)
    faults = contract_1_0.faults_of_answer(one.side, one.method, path, status, body)
    codes = [said.get("code"), *(_code(item) for item in said.get("results", ()))]
    if one.built:
        faults += [f"{one.name}: {code}" for code in codes if code in REFUSES_THE_MESSAGE]
    return [f"{one.side} {one.name} {status}: {fault}" for fault in faults]


def _code(item: dict[str, dict[str, str]]) -> str | None:
    return item.get("problem", {}).get("code")


async def test_who_does_not_ask_is_sent_nothing_that_1_0_does_not_have(tmp_path: Path) -> None:
    async with a_national_side(tmp_path) as (national, connection), aiohttp.ClientSession():
        await national.entry.file_people(3, seed=7, places=["410105"])
        _, exchanges = await ran(connection, APPLICATIONS, tmp_path / "transcript")
    members = {name for one in exchanges for name in json.loads(one.got)}
    assert members & LATER == set()


# New callers and old servers


@dataclass
class NationalSide10:
    """A national side of 1.0: it refuses what 1.0 refuses, and has nothing that came later."""

    server: PortalServer = field(default_factory=PortalServer)
    wrong: list[str] = field(default_factory=list)

    async def answer(self, request: web.Request, body: bytes) -> Reply:
        """Answer as 1.0 does; a later path is unknown, a later parameter is passed over."""
        if contract_1_0.operation_at(NATIONAL, request.method, request.path) is None:
            return 404, a_problem("route.unknown").wire()
        self.wrong += contract_1_0.faults_of_request(NATIONAL, request.method, request.path, body)
        return await self.server.answer(request, body)


async def test_a_gateway_of_1_1_docks_onto_a_national_side_of_1_0(tmp_path: Path) -> None:
    # Given a national side of 1.0 that forwards one application of ours and one of another province
    side = NationalSide10()
    side.server.forward(
        application_json(application_no="SY1"),
        application_json(application_no="SY2", place_division="430102"),
        b'{"kind":"application"}',
    )
    connection = make_stack(tmp_path).portal()
    clock = SettableClock(utc_now)
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    desk = Desk(open_ledger(url, sealer=a_sealer(), now=clock), clock)
    async with (
        served(signed_app(connection.of_answerer(), side.answer)) as base,
        SignedClient(base, connection.of_caller(), peer="portal", now=utc_now) as client,
    ):
        portal = HttpPortal(client)
        page = await ingest(portal, store=desk.store, rules=desk.rules, now=desk.clock)

        # When its cases are decided, and given back
        await desk.push()
        await desk.decide(await desk.outcome("SY1"))
        await return_to_portal(desk, "SY2")
        for _ in range(2):
            await relay_reports(portal, store=desk.store, now=desk.clock, jitter=desk.jitter)

    # Then all goes as in 1.0: by numbers alone, and what 1.0 does not offer is on the desk again
    assert side.wrong == []
    assert side.server.acknowledged == ["SY1", "SY2"]
    assert [row.key for row in page.rows if row.held == "application.unreadable"] == [None]
    assert (await desk.case("SY1")).state is State.REPORTED
    returned = await desk.case("SY2")
    assert (returned.state, returned.hold_reason) == (State.HELD, RETURN_REFUSED)
    await desk.store.close()
