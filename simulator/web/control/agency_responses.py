"""What the control interface answers about a stand-in agency, for the server and its clients."""

from datetime import datetime

from pydantic import Field

from simulator.web.control.responses import ControlResponse


class DispatchView(ControlResponse):
    """One dispatch at an agency: how often it came, how often its result went, the answer.

    `returned` says that the agency gave it back to the desk in place of a result.
    """

    dispatch_no: str
    application_no: str
    count: int
    first_at: datetime
    last_at: datetime
    decided_at: datetime | None
    returned: bool
    sent: int
    answer: str | None
    answer_code: str | None
    answered_at: datetime | None


class HandedInView(ControlResponse):
    """A registration or deregistration of an agency: how often it was handed in, and the answer."""

    key: str
    revision: int
    sent: int
    answer: str | None
    answer_code: str | None
    answered_at: datetime | None


class AgencyView(ControlResponse):
    """An agency's book: its dispatches, how many numbers each application came under, its counter.

    `waiting` counts whatever has no final answer.
    """

    code: str
    name: str
    division: str
    delivery: str
    waiting: int
    dispatches: tuple[DispatchView, ...]
    per_application: dict[str, int]
    turn_failures: dict[str, int] = Field(default_factory=dict)
    registrations: tuple[HandedInView, ...] = ()
    deregistrations: tuple[HandedInView, ...] = ()
