"""Transcript (运行记录): what national side and agencies wrote down, as JSON for the checker."""

import json
from collections.abc import Sequence

from duijie.clients.control_client import ControlClient
from schemas.records.canonical_form import content_digest
from schemas.records.outcomes import Outcome
from schemas.records.receipts import ItemStatus
from simulator.agencies.handed_in import HandedIn
from simulator.app import Simulator
from simulator.exchanges.entries import AppliedDeregistration, AppliedResult
from simulator.web.control.responses import ControlResponse
from tests.system.kills.load import Load

Row = dict[str, object]
Rows = list[Row]


async def transcribe(simulator: Simulator, load: Load) -> str:
    """Return the books by the control interface, and the digests of what people and agencies sent.

    `filed` are the applications as they were filed, `arrived` as they reached an agency, `results`
    what agencies handed in with the gateway's answer; digests only, no personal value.
    """
    async with ControlClient(simulator.addresses.control) as control:
        return json.dumps(
            {
                "applications": _rows(await control.applications()),
                "events": _rows(await control.events()),
                "agencies": _rows([await control.agency(code) for code in simulator.agencies]),
                "filed": load.filed,
                "arrived": _arrived(simulator),
                "results": _results(simulator, load),
                "registrations": list(map(_handed_in, load.counter.registrations())),
                "deregistrations": list(map(_handed_in, load.counter.deregistrations())),
                "locals": _locals(simulator, load),
                "assignments": _assignments(load),
            }
        )


def _rows(views: Sequence[ControlResponse]) -> Rows:
    return [view.model_dump(mode="json") for view in views]


def _arrived(simulator: Simulator) -> Rows:
    return [
        {
            "application_no": one.dispatch.application.application_no,
            "digest": content_digest(one.dispatch.application),
        }
        for agency in simulator.agencies.values()
        for one in agency.book.received.values()
    ]


def _results(simulator: Simulator, load: Load) -> Rows:
    first = [
        (one.outcome, one.sent, one.answer)
        for agency in simulator.agencies.values()
        for one in agency.book.received.values()
        if one.outcome is not None
    ]
    second = [(one.content, one.sent, one.answer) for one in load.corrections]
    return [
        _result(Outcome.read(content), sent, answer) for content, sent, answer in first + second
    ]


def _result(outcome: Outcome, sent: int, answer: ItemStatus | None) -> Row:
    return {
        "application_no": outcome.application_no,
        "dispatch_no": outcome.dispatch_no,
        "revision": outcome.revision,
        "digest": content_digest(outcome),
        "sent": sent,
        "answer": answer,
    }


def _handed_in(one: HandedIn) -> Row:
    return {
        "key": one.key,
        "revision": one.revision,
        "digest": content_digest(one.record),
        "sent": one.sent,
        "answer": one.answer,
    }


def _locals(simulator: Simulator, load: Load) -> Rows:
    book = simulator.entry.book
    return [
        {
            "key": key,
            "effects": [_effect(one.revision, one) for one in book.local_results(key)],
            "endings": [_effect(*item) for item in book.deregistrations_of(key).items()],
        }
        for key in (one.key for one in load.counter.registrations())
    ]


def _effect(revision: int, one: AppliedResult | AppliedDeregistration) -> Row:
    return {"revision": revision, "digest": one.digest, "repeats": one.repeats}


def _assignments(load: Load) -> Rows:
    answers = {} if load.desk is None else load.desk.answers
    return [
        {"application_no": number, "result": one.result, "dispatch_no": one.dispatch_no}
        for number, one in answers.items()
    ]
