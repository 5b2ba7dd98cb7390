"""窗口: people registered at the counter of a stand-in agency, and registrations that it ends."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from schemas.records.applications import Commitment, PersonForm
from schemas.records.deregistrations import OTHER_GROUND, Deregistration, Notice
from schemas.records.outcomes import Outcome
from schemas.records.registrations import LocalRegistration
from schemas.reference.clock import BEIJING, beijing_date
from schemas.reference.codes import CodeTables
from simulator.agencies.decisions import Reviewer
from simulator.agencies.handed_in import HandedIn, HandInQueue
from simulator.errors import RequestRefused

_CHANNEL: Final = "12"
"""受理渠道: 街道（乡镇）、社区（村）."""
_COMMITMENT_VERSION: Final = "2020-3/1"
_BY_TELEPHONE: Final = "01"


class CounterRequest(Protocol):
    """What somebody asks for at the counter: the filled-in form, and where to be registered."""

    @property
    def form(self) -> PersonForm:
        """失业人员登记表."""
        ...

    @property
    def place_basis(self) -> str:
        """ACC412."""
        ...

    @property
    def place_division(self) -> str:
        """登记失业地."""
        ...

    @property
    def policy(self) -> str:
        """The notice that it is accepted under."""
        ...


@dataclass(frozen=True, slots=True)
class Ending:
    """Why and how a registration ends (注销): codes, and whether the person knows."""

    key: str
    ground: str
    verified_by: str
    mode: str = "2"
    revision: int = 1
    is_informed: bool = True


class Counter:
    """What one agency accepts and ends by itself; each record is handed in once.

    `check` raises `InvalidAnswer` for a record that the published schema does not allow; such a
    record is not entered.
    """

    def __init__(self, reviewer: Reviewer, check: Callable[[str, bytes], None]) -> None:
        self._reviewer, self._check = reviewer, check
        self.registrations, self.deregistrations = HandInQueue(), HandInQueue()
        self._outcomes: dict[str, Outcome] = {}

    def register(self, request: CounterRequest, at: datetime) -> HandedIn:
        """Accept and decide a request at `at`; it waits to be handed in.

        Raises:
            InvalidAnswer: The published schema does not allow the registration.
        """
        today = at.astimezone(BEIJING)
        serial = f"BD{today:%Y%m%d}-{len(self.registrations.records) + 1:06d}"
        record = LocalRegistration(
            person=request.form,
            place_basis=request.place_basis,
            place_division=request.place_division,
            commitment=Commitment(
                given=True, date=beijing_date(at), text_version=_COMMITMENT_VERSION
            ),
            submitted_at=at,
            channel=_CHANNEL,
            policy=request.policy,
            outcome=self._reviewer.register(request.form, serial, at=at),
        )
        one = HandedIn("registration", record.key, record.outcome.revision, record, record.wire())
        self._check("local-registration", one.content)
        self._outcomes[record.key] = record.outcome
        return self.registrations.add(one)

    def end(self, ending: Ending, dispatched: Outcome | None, at: datetime) -> HandedIn:
        """End a registration at `at`; `dispatched` is its outcome where it came by a dispatch.

        Raises:
            RequestRefused: Nobody is registered here under the key.
            InvalidAnswer: The published schema does not allow the deregistration.
        """
        outcome = dispatched or self._outcomes.get(ending.key)
        if outcome is None or outcome.registration_no is None:
            raise RequestRefused("deregistration.unknown-registration")
        record = _deregistration(ending, outcome, at)
        one = HandedIn("deregistration", ending.key, ending.revision, record, record.wire())
        self._check("deregistration", one.content)
        return self.deregistrations.add(one)

    def waiting(self) -> int:
        """Return how many records have no final answer yet."""
        return self.registrations.waiting() + self.deregistrations.waiting()


def _deregistration(ending: Ending, outcome: Outcome, at: datetime) -> Deregistration:
    exempt = CodeTables.load().notice_required(ending.ground) is False
    notice = Notice(given_at=at, mode=_BY_TELEPHONE) if ending.is_informed and not exempt else None
    return Deregistration(
        application_no=outcome.application_no,
        division=outcome.division,
        local_serial=outcome.local_serial,
        revision=ending.revision,
        registration_no=outcome.registration_no or "",
        ground=ending.ground,
        ground_note="模拟情形" if ending.ground == OTHER_GROUND else None,
        code_set="2016",
        deregistered_on=beijing_date(at),
        mode=ending.mode,
        verified_by=ending.verified_by,
        notice=notice,
        notice_due=None if notice or exempt else "1",
        notice_exempt="1" if exempt else None,
        valid="0",
        agency_code=outcome.agency_code,
        agency_name=outcome.agency_name,
        agency_division=outcome.agency_division,
        handler="模拟经办人",
        decided_at=at,
    )
