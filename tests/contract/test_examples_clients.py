"""The example clients dock by themselves: what they decide is back at the national side."""

import asyncio
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

import aiohttp
import pytest

from contracts.publish.content_vectors import ContentVector, content_vectors
from schemas.records.dispatches import REASSIGNED, CaseView
from schemas.records.outcomes import Outcome, Verdict
from schemas.records.receipts import ItemResult, ItemStatus
from schemas.signing import Suite
from simulator.app import Simulator
from tests.builders.records import application_json
from tests.contract.docking_set import FETCHING, JIYUAN, PUSHED, a_docking_set, a_national_side
from tests.integration.gateway.peers import PortalServer, signed_app
from tests.support.needs import absent
from tests.support.network import with_authorities_of_the_machine
from tests.support.peers import ScriptedPortal, Taker, a_problem
from tests.support.serving import served
from tests.support.signing_client import SigningClient
from tests.support.stack import Connection, make_stack
from tests.support.tree import ROOT

DISPATCHES, APPLICATIONS = "/agency/v1/dispatches", "/national/v1/applications"
WITHIN_S: Final = 60
RECEIPT_CHARS: Final = 24
ED25519, HMAC_SHA256 = Suite.ED25519, Suite.HMAC_SHA256


def program(language: str) -> list[str]:
    if language == "python":
        return [sys.executable, str(ROOT / "examples" / "python" / "client.py")]
    java = shutil.which("java") or absent("Java", "install a JDK, 17 or later")
    brief = "-XX:TieredStopAtLevel=1"  # for a program of a second the quick compiler will do
    return [java, brief, "-Dfile.encoding=UTF-8", str(ROOT / "examples" / "java" / "Client.java")]


async def ran(
    language: str, connection: Connection, feed: str, *more: str, return_reason: str = ""
) -> tuple[int | None, str, str]:
    """Run a client to its end; return its exit code and what it said."""
    words = [
        *program(language),
        f"{connection.base}{feed}",
        str(connection.caller.private),
        str(connection.answerer.public),
        *more,
    ]
    return await run_to_end(words, {"RETURN_REASON": return_reason} if return_reason else {})


async def run_to_end(
    words: Sequence[str], more: Mapping[str, str] = MappingProxyType({})
) -> tuple[int | None, str, str]:
    """Run a program to its end, with `more` in its environment; return its code and its words."""
    process = await asyncio.create_subprocess_exec(
        *words,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**with_authorities_of_the_machine(), **more},
    )
    said, faults = await asyncio.wait_for(process.communicate(), WITHIN_S)
    return process.returncode, said.decode(), faults.decode()


def outcome_of(national: Simulator, said: str) -> Outcome:
    """Return the result that the national side holds of the one application a client named."""
    number, status, receipt = said.split()
    assert (status, len(receipt)) == ("accepted", RECEIPT_CHARS)
    application = national.entry.book.applications.find(number)
    assert application is not None
    assert application.result_in_force is not None
    return application.result_in_force.outcome


@pytest.mark.parametrize(("language", "suite"), [("python", ED25519), ("java", HMAC_SHA256)])
async def test_an_agencys_decision_comes_back(language: str, suite: Suite, tmp_path: Path) -> None:
    async with a_docking_set(tmp_path, suite) as here:
        # Given an application for a place whose agency has no system but the client
        await here.national.entry.file_people(1, seed=7, places=[JIYUAN])

        # When the client runs
        code, said, faults = await ran(language, here.agency, DISPATCHES)

        # Then its decision travels on, and the national side holds it
        assert code == 0, faults
        async with asyncio.timeout(WITHIN_S):
            await here.reported.wait()
        outcome = outcome_of(here.national, said)
        assert (outcome.agency_code, outcome.verdict) == (FETCHING, Verdict.PASSED)


def registering(language: str) -> list[str]:
    if language == "java":
        return [*program("java"), "register"]
    return [sys.executable, str(ROOT / "examples" / "python" / "register.py")]


async def registers(
    language: str, connection: Connection, agency: str
) -> tuple[int | None, str, str]:
    """Run the client that hands a local registration in."""
    ours, theirs = str(connection.caller.private), str(connection.answerer.public)
    feed = f"{connection.base}{DISPATCHES}"
    return await run_to_end([*registering(language), feed, ours, theirs, JIYUAN, agency])


@pytest.mark.parametrize(("language", "suite"), [("python", ED25519), ("java", HMAC_SHA256)])
async def test_an_agency_hands_in_what_it_registered_itself(
    language: str, suite: Suite, tmp_path: Path
) -> None:
    async with a_docking_set(tmp_path, suite) as here:
        # When the client registers somebody, and sends the same once more
        code, said, faults = await registers(language, here.agency, FETCHING)

        # Then it is taken once, under one receipt, and the national side has it in effect
        assert code == 0, faults
        (key, first, receipt), (again, second, same) = (one.split() for one in said.splitlines())
        assert (first, second, again, same) == ("accepted", "duplicate", key, receipt)
        assert len(receipt) == RECEIPT_CHARS
        async with asyncio.timeout(WITHIN_S):
            await here.reported.wait()
        (effect,) = here.national.entry.book.local_results(key)
        assert (effect.kind, effect.key) == ("registration", key)


@pytest.mark.parametrize("language", ["python", "java"])
async def test_a_registration_that_is_refused_ends_the_client(
    language: str, tmp_path: Path
) -> None:
    suite = HMAC_SHA256 if language == "java" else ED25519
    async with a_docking_set(tmp_path, suite) as here:
        code, said, faults = await registers(language, here.agency, PUSHED)
        assert (code != 0, said) == (True, "")
        assert "refused" in faults


@pytest.mark.parametrize(("language", "suite"), [("python", ED25519), ("java", HMAC_SHA256)])
async def test_an_agency_gives_a_dispatch_back(language: str, suite: Suite, tmp_path: Path) -> None:
    async with a_docking_set(tmp_path, suite) as here, aiohttp.ClientSession() as session:
        # Given an application for the place of a client that returns what it gets
        await here.national.entry.file_people(1, seed=7, places=[JIYUAN])

        # When the client runs
        code, said, faults = await ran(language, here.agency, DISPATCHES, return_reason="2")

        # Then it has a receipt, and the case is not with its agency any more
        assert code == 0, faults
        number, status, receipt = said.split()
        assert (status, len(receipt)) == ("accepted", RECEIPT_CHARS)
        agency = SigningClient(here.agency.base, here.agency.of_caller(), session)
        view = CaseView.read((await agency.call("GET", f"/agency/v1/cases/{number}")).body)
        assert view.state == REASSIGNED
        assert view.history[-1].note == "dispatch.returned reason=2"


@pytest.mark.parametrize("language", ["python", "java"])
async def test_a_province_files_fetches_decides_and_returns(language: str, tmp_path: Path) -> None:
    async with a_national_side(tmp_path) as (national, connection):
        # Given a national side, when the client files one application and docks
        more = (national.addresses.control, "410105")
        code, said, faults = await ran(language, connection, APPLICATIONS, *more)

        # Then the result of that application is there
        assert code == 0, faults
        assert outcome_of(national, said).registration_no


@pytest.mark.parametrize("language", ["python", "java"])
async def test_a_client_does_not_believe_an_answer_under_another_key(
    language: str, tmp_path: Path
) -> None:
    async with a_national_side(tmp_path) as (national, connection):
        # Given a client that knows another key than the one the answers are signed with
        deceived = replace(connection, answerer=connection.caller)
        await national.entry.file_people(1, seed=7, places=["410105"])

        # When it docks
        code, said, _ = await ran(language, deceived, APPLICATIONS)

        # Then it stops before anything is acknowledged or returned
        assert (code != 0, said) == (True, "")
        assert len(national.entry.book.feed("410000")) == 1


@pytest.mark.parametrize("language", ["python", "java"])
async def test_a_client_whose_signature_is_refused_says_why(language: str, tmp_path: Path) -> None:
    async with a_national_side(tmp_path) as (_, connection):
        # Given a client with a key that the national side does not know
        unknown_caller = replace(connection, caller=connection.answerer)

        # When it docks, then it stops with the reason given
        code, _, faults = await ran(language, unknown_caller, APPLICATIONS)
        assert code != 0
        assert "401" in faults
        assert "signature.unknown-key" in faults


async def digests(vectors: Sequence[ContentVector], folder: Path) -> list[str]:
    """Return what the Java client makes of records as they were received."""
    files = [folder / f"{one.name}.json" for one in vectors]
    for one, file in zip(vectors, files, strict=True):
        file.write_text(one.received, encoding="utf-8")
    code, said, faults = await run_to_end([*program("java"), "digest", *map(str, files)])
    assert code == 0, faults
    return said.split()


async def test_the_clients_compute_the_published_digests(tmp_path: Path) -> None:
    published = ROOT / "contracts" / "v1" / "vectors" / "content.json"
    vectors = content_vectors().vectors
    assert await digests(vectors, tmp_path) == [one.digest for one in vectors]

    receipts = [sys.executable, str(ROOT / "examples" / "python" / "receipts.py")]
    code, _, faults = await run_to_end([*receipts, str(published)])
    assert code == 0, faults
    spoiled = tmp_path / "content.json"
    spoiled.write_text(published.read_text("utf-8").replace(vectors[0].digest, "0" * 64), "utf-8")
    code, _, faults = await run_to_end([*receipts, str(spoiled)])
    assert (code, "摘要不符" in faults) == (1, True)


class UnrelatedReceipts(Taker):
    """Takes outcomes, and gives receipts with other members."""

    def take(self, bodies: Sequence[bytes]) -> tuple[ItemResult, ...]:
        """Answer one batch."""
        return tuple(map(other(digest="0" * 64), Taker.take(self, bodies)))


def other(**members: object) -> Callable[[ItemResult], ItemResult]:
    def change(result: ItemResult) -> ItemResult:
        assert result.receipt is not None
        return result.model_copy(update={"receipt": result.receipt.model_copy(update=members)})

    return change


WRONG: Final[dict[str, dict[str, object]]] = {
    "kind": {"kind": "withdrawal"},
    "key": {"key": "SY9"},
    "revision": {"revision": 12},
    "digest": {"digest": "0" * 64},
}


@pytest.mark.parametrize("language", ["python", "java"])
@pytest.mark.parametrize("wrong", [*WRONG, "refused", "outcome"])
async def test_a_client_does_not_believe_the_receipt_of_another(
    language: str, wrong: str, tmp_path: Path
) -> None:
    # Given a national side whose receipt for an acknowledgement, or for a result, is for another
    portal = ScriptedPortal(feed=[application_json(application_no="SY1")])
    if wrong in WRONG:
        portal.acknowledgement_answers = {"SY1": other(**WRONG[wrong])}
    elif wrong == "refused":
        refused = ItemResult(
            status=ItemStatus.REFUSED, problem=a_problem("acknowledgement.unknown")
        )
        portal.acknowledgement_answers = {"SY1": lambda _: refused}
    else:
        portal.reports = UnrelatedReceipts("outcome")
    connection = make_stack(tmp_path).portal()
    app = signed_app(connection.of_answerer(), PortalServer(portal).answer)
    async with served(app) as url:
        # When a client docks
        code, said, faults = await ran(language, replace(connection, base=url), APPLICATIONS)

    # Then it stops, says so, and decides nothing that is not confirmed
    assert (code != 0, said) == (True, "")
    assert ("refused" if wrong == "refused" else "不可采信") in faults
    assert bool(portal.reports.taken) == (wrong == "outcome")
