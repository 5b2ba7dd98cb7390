"""An agency cannot tell a case of another one from one that is not there, wherever it asks."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson
import pytest

from gateway.domain.dispatch import dispatch_number
from tests.builders.extended import deregistration_json, registration_json, return_json
from tests.builders.records import JIYUAN, application_json, as_json, outcome_json
from tests.integration.gateway.harness import Harness, a_harness, stack_of_two
from tests.integration.gateway.test_access import AGENCIES, DECLARED

THEIRS: Final = "SY2026030200001"  # at 济源市
ABSENT: Final = "SY2026030299999"
REGISTRATIONS: Final = "/agency/v1/registrations"
LOOKS_NOTHING_UP: Final = {"fetchDispatches", "ping", "docs"}


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[Harness]:
    """A gateway with one case of each kind at 济源市; 金水区 asks for them."""
    async with asyncio.timeout(30), a_harness(stack_of_two(tmp_path)) as running:
        running.portal.forward(application_json(place_division="419001"))
        page = await running.jiyuan.call("GET", "/agency/v1/dispatches?wait=20")
        (dispatch,) = orjson.loads(page.body)["dispatches"]
        assert dispatch["application"]["application_no"] == THEIRS
        taken = await running.jiyuan.call("POST", REGISTRATIONS, registering(THEIRS))
        assert b"accepted" in taken.body
        yield running


def registering(key: str) -> bytes:
    """Return a local registration of 济源市 under this serial, decided long ago."""
    result = {"local_serial": key, "aae036": "2026-03-02T09:10:00+08:00"}
    return b'{"registrations":[' + registration_json(result=result) + b"]}"


def deregistering(key: str) -> bytes:
    return b'{"deregistrations":[' + deregistration_json(application_no=key) + b"]}"


def outcome(key: str, **changes: object) -> bytes:
    named = {"application_no": key, "dispatch_no": dispatch_number(key, 1), **changes}
    return b'{"outcomes":[' + outcome_json(**named) + b"]}"


def acknowledging(key: str) -> bytes:
    stored = {"dispatch_no": dispatch_number(key, 1), "stored_at": "2026-03-03T15:00:00+08:00"}
    return as_json({"acknowledgements": [stored]})


def returning(key: str) -> bytes:
    named = {"application_no": key, "dispatch_no": dispatch_number(key, 1)}
    return b'{"returns":[' + return_json(**named) + b"]}"


@dataclass(frozen=True)
class Probe:
    """How 金水区 tries to learn of a case: an operation, and what it sends of a key."""

    operation: str
    path: str
    body: Callable[[str], bytes | None]


OUTCOMES: Final = "/agency/v1/outcomes"
PROBES: Final[Mapping[str, Probe]] = {
    "case": Probe("getCase", "/agency/v1/cases/", lambda _: None),
    "acknowledged": Probe(
        "acknowledgeDispatches", "/agency/v1/dispatches/acknowledgements", acknowledging
    ),
    "returned": Probe("returnDispatches", "/agency/v1/dispatches/returns", returning),
    "registered": Probe("submitRegistrations", REGISTRATIONS, registering),
    "ended": Probe("submitDeregistrations", "/agency/v1/deregistrations", deregistering),
    "decided": Probe("submitOutcomes", OUTCOMES, outcome),
    "guessed dispatch": Probe(
        "submitOutcomes", OUTCOMES, lambda key: outcome(key, dispatch_no=dispatch_number(key, 2))
    ),
    "no dispatch": Probe("submitOutcomes", OUTCOMES, lambda key: outcome(key, dispatch_no=None)),
    "high revision": Probe("submitOutcomes", OUTCOMES, lambda key: outcome(key, revision=9)),
    "in their name": Probe("submitOutcomes", OUTCOMES, lambda key: outcome(key, aae017=JIYUAN)),
}


@pytest.mark.parametrize("probe", PROBES)
async def test_what_is_another_agencys_answers_as_what_is_not_there(
    harness: Harness, probe: str
) -> None:
    one = PROBES[probe]
    answers: list[tuple[int, object]] = []
    for key in (THEIRS, ABSENT):
        body = one.body(key)
        method, path = ("POST", one.path) if body else ("GET", f"{one.path}{key}")
        answered = await harness.jinshui.call(method, path, body)
        answers.append((answered.status, neutral(answered.body, key)))

    theirs, absent = answers
    assert theirs == absent
    assert b"unknown" in answered.body or b"not-served" in answered.body


def neutral(body: bytes, key: str) -> object:
    """Return an answer without what the caller itself had said, and without its trace."""
    text = body.decode().replace(key, "KEY").replace(dispatch_number(key, 1), "NUMBER")
    return without_trace(orjson.loads(text))


def without_trace(value: object) -> object:
    if isinstance(value, dict):
        return {name: without_trace(one) for name, one in value.items() if name != "trace_id"}
    return [without_trace(one) for one in value] if isinstance(value, list) else value


def test_every_endpoint_that_looks_something_up_is_probed() -> None:
    for_agencies = {
        name
        for name, (listener, access) in DECLARED.items()
        if listener == "listen" and access == AGENCIES
    }
    assert {probe.operation for probe in PROBES.values()} == for_agencies - LOOKS_NOTHING_UP
