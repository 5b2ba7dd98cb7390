"""What the control interface answers (控制接口响应), for the server and for its clients.

States, times and counts, no personal value. Instants are UTC; durations are milliseconds. The
models need no server: a client reads with them what the interface wrote, and a member that a later
simulator adds does not disturb it.
"""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict


class ControlResponse(BaseModel):
    """An answer of the control interface: frozen; members unknown to the reader are left out."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class AppliedResultView(ControlResponse):
    """A result in effect (生效结果); `kind` says what brought it, an outcome or a registration."""

    kind: str = "outcome"
    revision: int
    at: datetime
    verdict: str
    refusal_reason: str | None
    agency_code: str
    digest: str
    repeats: int


class ApplicationView(ControlResponse):
    """An application's way there and back; `no` counts from 1 in the order of filing.

    `forwarded_on` are the areas that it went to after the first one, in order.
    """

    no: int
    application_no: str
    area: str
    place: str
    place_name: str
    state: str
    injected: bool
    trace_id: str
    filed_at: datetime
    forwarded_at: datetime
    deliveries: int
    first_delivered_at: datetime | None
    last_delivered_at: datetime | None
    acknowledgements: int
    acknowledged_at: datetime | None
    decided_at: datetime | None
    withdrawn_at: datetime | None
    at_desk: bool = False
    forwarded_on: tuple[str, ...] = ()
    there_and_back_ms: float | None
    effects: tuple[AppliedResultView, ...]


class ApplicationPage(ControlResponse):
    """Applications in the order of filing; `more` when others follow."""

    applications: tuple[ApplicationView, ...]
    more: bool


class LocalResults(ControlResponse):
    """The results in effect for a registration accepted locally (本地受理), oldest first."""

    key: str
    effects: tuple[AppliedResultView, ...]


class Summary(ControlResponse):
    """Counts over all books.

    `count`: applications filed. `back`: with a result in effect. `withdrawn`: taken back, without
    one. `waiting`: not acknowledged yet. `owed`: acknowledged, and no result yet: at the end of a
    run these are lost. `doubled`: results that took effect more than once for one key and revision,
    and applications that reached agencies under more than one dispatch number. `listening`: base
    URLs of the national side (`national`), of this interface (`control`) and of the agencies that
    take pushes, by their code.
    """

    count: int
    back: int
    withdrawn: int
    waiting: int
    owed: int
    doubled: int
    injected: int
    effects: int
    repeats: int
    p50_ms: float | None
    p99_ms: float | None
    max_ms: float | None
    listening: dict[str, str]


class Filed(ControlResponse):
    """The numbers of the applications that were filed, in order."""

    count: int
    application_nos: tuple[str, ...]


class Registered(ControlResponse):
    """The keys of the people who were registered at a counter, in order."""

    count: int
    keys: tuple[str, ...]


class Deregistered(ControlResponse):
    """The registrations that an agency ended, by their keys."""

    keys: tuple[str, ...]


class PushView(ControlResponse):
    """Pushes to one area: whether they are on, and how many of its items wait to be pushed.

    `refused` counts items that the gateway refused, or that were pushed too often in vain: they
    are left to the download.
    """

    province: str
    gateway: str
    on: bool
    waiting: int
    refused: int
    turn_failures: dict[str, int] = {}


class Pushes(ControlResponse):
    """The areas that may be pushed to, in the order of the settings."""

    pushes: tuple[PushView, ...]


class Injected(ControlResponse):
    """An item was put into a feed as it is."""

    application_no: str | None
    checked: bool = False


class Withdrawn(ControlResponse):
    """An application was taken back."""

    application_no: str


class ForwardedOn(ControlResponse):
    """An application went on, to this area."""

    application_no: str
    area: str


class ReturnView(ControlResponse):
    """A return (退回部端) for which nobody knows the right place yet: by number or by position."""

    application_no: str | None
    position: int | None
    area: str
    reason: str
    belongs_to: str | None
    returned_by: str
    at: datetime


class ReturnDeskView(ControlResponse):
    """What waits at the desk for a right place, oldest first."""

    returns: tuple[ReturnView, ...]


class ResetDone(ControlResponse):
    """All books are empty and no fault is armed."""

    reset: bool = True


class PublishedList(ControlResponse):
    """A version of an area's agency list: which parts are there, and since when it is shown."""

    area: str
    version: int
    parts: int
    received: tuple[int, ...]
    published_at: datetime
    in_force_at: datetime | None
    agencies: int
    repeats: int


class PublishedLists(ControlResponse):
    """The versions in force, and those still arriving, area by area."""

    lists: tuple[PublishedList, ...]


class EventView(ControlResponse):
    """One thing that happened at the national side; `no` counts from 1."""

    no: int
    at: datetime
    kind: str
    application_no: str | None
    facts: dict[str, bool | int | str]


class EventPage(ControlResponse):
    """Events in the order in which they happened; `more` when others follow."""

    events: tuple[EventView, ...]
    more: bool


class ArmedFaultView(ControlResponse):
    """An armed fault: when it happens, how many calls it saw, how often it happened."""

    number: int
    fault: str
    operation: str
    nth: int | None
    count: int | None
    every: int | None
    params: dict[str, str | int]
    seen: int
    happened: int


class DayClosed(ControlResponse):
    """A day whose statement can be fetched, and up to when it counts."""

    date: date
    closed_at: datetime


class ArmedFaults(ControlResponse):
    """The armed faults, in the order in which they were armed."""

    faults: tuple[ArmedFaultView, ...]


class RehearsalView(ControlResponse):
    """What the rehearsal changes: a code begins, one ends; a new county takes another over."""

    table: str
    new_code: str
    ended_code: str
    new_county: str
    merged_county: str
    on: date


class OfferedTablesView(ControlResponse):
    """Which edition is offered; `rehearsal` is what it changes of what is shipped."""

    edition: str
    rehearsal: RehearsalView | None
