"""Transcript (运行记录): what national side and agencies wrote down, as JSON for the checker."""

import json
from collections.abc import Sequence

from duijie.clients.control_client import ControlClient
from schemas.records.canonical_form import content_digest
from schemas.records.outcomes import Outcome
from simulator.app import Simulator
from simulator.web.control.responses import ControlResponse
from tests.system.kills.load import Load

Rows = list[dict[str, object]]


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
            "digest": content_digest(Outcome.read(content)),
            "sent": sent,
            "answer": answer,
        }
        for number, revision, content, sent, answer in first + second
    ]
