"""本地受理: people who come to the counter of a stand-in agency, registered there and handed in."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from schemas.records.applications import Commitment, PersonForm
from schemas.records.receipts import ItemResult, ItemStatus
from schemas.records.registrations import LocalRegistration
from schemas.reference.clock import BEIJING, beijing_date
from simulator.agencies.decisions import Reviewer
from simulator.agencies.handed_in import RETRYABLE, is_for

_CHANNEL: Final = "12"
"""受理渠道: 街道（乡镇）、社区（村）."""
_COMMITMENT_VERSION: Final = "2020-3/1"


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


@dataclass(slots=True)
class HandedIn:
    """A local registration here: its bytes as they go, and what the gateway said."""

    record: LocalRegistration = field(repr=False)
    content: bytes = field(repr=False)
    sent: int = 0
    answer: ItemStatus | None = None
    answer_code: str | None = None
    answered_at: datetime | None = None

    @property
    def key(self) -> str:
        """`division/local_serial`."""
        return self.record.key


class Counter:
    """The local registrations of one agency; each is decided at once and handed in once."""

    def __init__(self, reviewer: Reviewer) -> None:
        self._reviewer = reviewer
        self.registered: dict[str, HandedIn] = {}
        self.unbelieved_receipts = 0
        """How many receipts the gateway gave that are not for the registration sent."""
        self._to_send: deque[HandedIn] = deque()

    def register(self, request: CounterRequest, at: datetime) -> HandedIn:
        """Accept and decide a request at `at`; it waits to be handed in."""
        today = at.astimezone(BEIJING)
        serial = f"BD{today:%Y%m%d}-{len(self.registered) + 1:06d}"
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
        one = HandedIn(record, record.wire())
        self.registered[one.key] = one
        self._to_send.append(one)
        return one

    def due(self, limit: int) -> list[HandedIn]:
        """Take out up to `limit` registrations; they are being sent."""
        return [self._to_send.popleft() for _ in range(min(limit, len(self._to_send)))]

    def put_back(self, batch: Sequence[HandedIn]) -> None:
        """Keep registrations for another try, in their order, because they got no answer."""
        self._to_send.extendleft(reversed(batch))

    def settle(self, one: HandedIn, result: ItemResult, at: datetime) -> bool:
        """Note the gateway's answer to one registration; False if it has to go again."""
        code = None if result.problem is None else result.problem.code
        if code in RETRYABLE:
            return False
        identity = ("registration", one.key, one.record.outcome.revision)
        if result.receipt and not is_for(result.receipt, identity, one.record, one.content):
            self.unbelieved_receipts += 1
            return False
        one.answer, one.answer_code, one.answered_at = result.status, code, at
        return True

    def waiting(self) -> int:
        """Return how many registrations have no final answer yet."""
        return sum(one.answer is None for one in self.registered.values())
