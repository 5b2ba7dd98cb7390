"""运行记录的形状: what a transcript holds; stands on the standard library alone."""

import json
from typing import TypedDict, cast


class EffectEntry(TypedDict):
    """A result in effect at the national side; `repeats` counts what came again."""

    revision: int
    digest: str
    repeats: int


class ApplicationEntry(TypedDict):
    """An application as the national side has it."""

    application_no: str
    deliveries: int
    filed_at: str
    decided_at: str | None
    acknowledged_at: str | None
    withdrawn_at: str | None
    effects: list[EffectEntry]


class EventEntry(TypedDict):
    """Something that happened at the national side."""

    kind: str
    application_no: str | None
    facts: dict[str, str | int | bool]


class DispatchEntry(TypedDict):
    """A dispatch at an agency; `returned` where the agency gave it back."""

    dispatch_no: str
    application_no: str
    count: int
    decided_at: str | None
    returned: bool
    answer: str | None


class AgencyEntry(TypedDict):
    """What one agency received."""

    code: str
    dispatches: list[DispatchEntry]


class ArrivedEntry(TypedDict):
    """An application as it reached an agency."""

    application_no: str
    digest: str


class ResultEntry(TypedDict):
    """A result as an agency handed it in, and the gateway's last word on it."""

    application_no: str
    dispatch_no: str
    revision: int
    digest: str
    sent: int
    answer: str | None


class HandedInEntry(TypedDict):
    """A registration or deregistration as an agency handed it in, and the gateway's last word."""

    key: str
    revision: int
    digest: str
    sent: int
    answer: str | None


class LocalEntry(TypedDict):
    """What the national side has under the key of a local registration."""

    key: str
    effects: list[EffectEntry]
    endings: list[EffectEntry]


class AssignmentEntry(TypedDict):
    """What the operators' system was last told of a case that it gave to another agency.

    `dispatch_no` is the current dispatch by that answer.
    """

    application_no: str
    result: str
    dispatch_no: str | None


class Transcript(TypedDict):
    """All books of a run; `filed` holds the digest of each application as it was filed."""

    applications: list[ApplicationEntry]
    events: list[EventEntry]
    agencies: list[AgencyEntry]
    filed: dict[str, str]
    arrived: list[ArrivedEntry]
    results: list[ResultEntry]
    registrations: list[HandedInEntry]
    deregistrations: list[HandedInEntry]
    locals: list[LocalEntry]
    assignments: list[AssignmentEntry]


def read_transcript(text: str) -> Transcript:
    """Return a transcript from its JSON; a missing member shows when it is looked at."""
    return cast(Transcript, json.loads(text))
