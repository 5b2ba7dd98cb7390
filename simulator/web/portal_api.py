"""The national side's interface (国家端接口): the core operations that a province calls."""

from typing import Final

from aiohttp import web
from pydantic import ValidationError

from contracts.verify.schema_validator import Witness
from schemas.records.dispatches import Ping, Pong
from schemas.records.receipts import Acknowledgement
from schemas.records.strict_json import RawItem
from schemas.records.version import CONTRACT_VERSION
from schemas.reference.clock import Now
from simulator.errors import Refused
from simulator.exchanges.calls import (
    DEFAULT_LIMIT,
    MOST_ITEMS,
    Answer,
    Call,
    batch_items,
    whole_number,
)
from simulator.exchanges.entries import Verdict, batch_answer
from simulator.exchanges.events import EventKind
from simulator.exchanges.receipts import as_errors, refusal
from simulator.national.entry import NationalEntry
from simulator.national.results import take_result
from simulator.web.signed import SignedInterface

_LONGEST_WAIT_S: Final = 30


class PortalApi:
    """Serves the book to the areas that dock; which area is calling follows from its key."""

    def __init__(self, entry: NationalEntry) -> None:
        self._entry = entry

    def routes(self, interface: SignedInterface) -> list[web.RouteDef]:
        """Return the routes of the national side, signed."""
        base = "/national/v1"
        serve = interface.serve
        return [
            web.get(f"{base}/applications", serve("downloadApplications", self.download)),
            web.post(
                f"{base}/applications/acknowledgements",
                serve("acknowledgeApplications", self.acknowledge),
            ),
            web.post(f"{base}/outcomes", serve("uploadOutcomes", self.upload)),
            web.post(f"{base}/ping", serve("ping", self.ping)),
        ]

    async def download(self, call: Call) -> Answer:
        """失业登记申请信息下载: the oldest unacknowledged, held open until there is one."""
        limit = whole_number(call.query, "limit", DEFAULT_LIMIT, least=1, most=MOST_ITEMS)
        wait_s = whole_number(call.query, "wait", 0, least=0, most=_LONGEST_WAIT_S)
        area = self._entry.areas[call.key_id]
        feed = self._entry.book.feed(area)
        if not len(feed) and wait_s:
            await feed.arrival.heard(wait_s)
        items, more = self._entry.book.page(area, limit)
        return Answer("feed-page", items=tuple(item.content for item in items), more=more)

    async def acknowledge(self, call: Call) -> Answer:
        """下载确认: what is durably stored on the other side is not sent again."""
        area = self._entry.areas[call.key_id]
        items = batch_items(call.body, "acknowledgements")
        said = [self._acknowledge_one(area, item) for item in items]
        numbers = tuple(number for number, _ in said if number is not None)
        return Answer(
            "batch-answer", batch_answer([verdict for _, verdict in said]), numbers=numbers
        )

    async def upload(self, call: Call) -> Answer:
        """失业登记审核结果上传: one entry per result, in order."""
        area = self._entry.areas[call.key_id]
        verdicts = [
            take_result(self._entry.book, area, item, witness=self._entry.witness)
            for item in batch_items(call.body, "outcomes")
        ]
        return Answer("batch-answer", batch_answer(verdicts))

    async def ping(self, call: Call) -> Answer:
        """连通性测试: the same text back, with our time."""
        return pong(call, witness=self._entry.witness, now=self._entry.now)

    def _acknowledge_one(self, area: str, item: RawItem) -> tuple[str | None, Verdict]:
        """Return the application's number, if one can be made out, and what becomes of the item."""
        try:
            said = _read_acknowledgement(item)
            return said.application_no, self._entry.book.acknowledge(area, said)
        except Refused as exc:
            refused = exc
        number = item.number()
        self._entry.book.events.record(
            EventKind.REFUSED, number, {"code": refused.code, "area": area}
        )
        return number, refusal(refused)


def _read_acknowledgement(item: RawItem) -> Acknowledgement:
    if item.fault is not None:
        raise Refused("message.malformed")
    try:
        return Acknowledgement.read(item.content)
    except ValidationError:
        raise Refused("message.invalid") from None


def pong(call: Call, *, witness: Witness, now: Now) -> Answer:
    """Answer a ping.

    Raises:
        Refused: The body is not a ping.
    """
    if faults := witness.check("ping", call.body):
        code = "message.invalid" if faults[0].rule else "message.malformed"
        raise Refused(code, errors=as_errors(faults))
    echo = Ping.read(call.body).echo
    return Answer("pong", Pong(echo=echo, at=now(), contract=CONTRACT_VERSION).wire())
