"""The national side's interface (部端接口): the operations that a province calls."""

from typing import Final, Protocol

from aiohttp import web

from contracts.verify.schema_validator import SchemaValidator
from schemas.calls.bodies import MOST_ITEMS, read_batch, read_item
from schemas.calls.queries import (
    beyond_parts,
    civil_date,
    division_code,
    invalid_query,
    whole_number,
)
from schemas.calls.refusals import CallRefused
from schemas.records.receipts import PositionAcknowledgement, read_acknowledgement
from schemas.records.strict_json import RawItem
from simulator.exchanges.calls import DEFAULT_LIMIT, Answer, Call, CallHandler
from simulator.exchanges.entries import ItemAnswer, batch_answer
from simulator.exchanges.events import EventKind
from simulator.exchanges.receipts import refused_item
from simulator.exchanges.statements import STATEMENT
from simulator.national.book import Book
from simulator.national.deregistrations import take_deregistration
from simulator.national.entry import NationalEntry
from simulator.national.publication import take_part
from simulator.national.results import take_registration, take_result
from simulator.national.returns import take_return
from simulator.timer import RealTimer
from simulator.web.ping import pong
from simulator.web.signed import SignedInterface
from transport.expectations import expect_nothing

_MAX_WAIT_S: Final = 30
_MAX_STATEMENT_PART: Final = 9999
_MAX_TABLE_PART: Final = 200
_POLL_TIMER: Final = RealTimer()  # a poll is held for the peer's seconds, whatever time is set here


class Take(Protocol):
    """Judges one item of an area, and applies it at most once."""

    def __call__(
        self, book: Book, area: str, item: RawItem, *, validator: SchemaValidator
    ) -> ItemAnswer:
        """Return its answer."""
        ...


class PortalApi:
    """Serves the book to the areas that dock; the key of a call says which area calls."""

    def __init__(self, entry: NationalEntry) -> None:
        self._entry = entry

    def register(self, router: web.UrlDispatcher, interface: SignedInterface) -> None:
        """Add the routes of the national side, signed; HEAD is none of them."""
        base = "/national/v1"
        listed: tuple[tuple[str, str, str, CallHandler], ...] = (
            ("GET", f"{base}/applications", "downloadApplications", self.download),
            (
                "POST",
                f"{base}/applications/acknowledgements",
                "acknowledgeApplications",
                self.acknowledge,
            ),
            ("POST", f"{base}/outcomes", "uploadOutcomes", self.upload_outcomes),
            ("POST", f"{base}/registrations", "uploadRegistrations", self.upload_registrations),
            (
                *("POST", f"{base}/deregistrations", "uploadDeregistrations"),
                self.upload_deregistrations,
            ),
            ("PUT", f"{base}/agencies", "publishAgencies", self.publish_agencies),
            ("GET", f"{base}/statements/{{date}}", "fetchStatement", self.fetch_statement),
            ("GET", f"{base}/code-tables", "fetchCodeTables", self.code_tables),
            ("GET", f"{base}/divisions", "fetchDivisions", self.divisions),
            ("POST", f"{base}/applications/returns", "returnApplications", self.take_returns),
            ("POST", f"{base}/ping", "ping", self.ping),
        )
        for method, path, name, handler in listed:
            answer = interface.serve(name, handler)
            router.add_route(method, path, answer, expect_handler=expect_nothing)

    async def download(self, call: Call) -> Answer:
        """失业登记申请信息下载: the oldest unacknowledged items; held open until there is one."""
        limit = whole_number(call.query, "limit", DEFAULT_LIMIT, minimum=1, maximum=MOST_ITEMS)
        wait_s = whole_number(call.query, "wait", 0, minimum=0, maximum=_MAX_WAIT_S)
        wants_positions = whole_number(call.query, "positions", 0, minimum=0, maximum=1) == 1
        area = self._entry.areas[call.key_id]
        feed = self._entry.book.feed(area)
        if not len(feed) and wait_s:
            await feed.arrival.wait(wait_s, timer=_POLL_TIMER)
        items, more = self._entry.book.page(area, limit)
        positions = tuple(item.position for item in items) if wants_positions else None
        contents = tuple(item.content for item in items)
        return Answer("feed-page", items=contents, positions=positions, more=more)

    async def acknowledge(self, call: Call) -> Answer:
        """下载确认: what is durably stored on the other side is not sent again."""
        area = self._entry.areas[call.key_id]
        items = read_batch(call.body, "acknowledgements")
        answered = [self._acknowledge_one(area, item) for item in items]
        numbers = tuple(number for number, _ in answered if number is not None)
        body = batch_answer([answer for _, answer in answered])
        return Answer("batch-answer", body, numbers=numbers)

    async def upload_outcomes(self, call: Call) -> Answer:
        """失业登记审核结果上传: one entry per result, in order."""
        return self._taken(call, "outcomes", take_result)

    async def upload_registrations(self, call: Call) -> Answer:
        """本地受理登记上传: one entry per registration, in order."""
        return self._taken(call, "registrations", take_registration)

    async def upload_deregistrations(self, call: Call) -> Answer:
        """失业登记注销上传: one entry per deregistration, in order."""
        return self._taken(call, "deregistrations", take_deregistration)

    async def publish_agencies(self, call: Call) -> Answer:
        """机构清单发布: the parts that are there, and whether the version is in force."""
        area = self._entry.areas[call.key_id]
        taken = take_part(self._entry.book, area, call.body, validator=self._entry.validator)
        return Answer("directory-answer", taken.wire())

    async def fetch_statement(self, call: Call) -> Answer:
        """对账单下载: one part of the statement of a day that is closed."""
        number = whole_number(call.query, "part", 1, minimum=1, maximum=_MAX_STATEMENT_PART)
        day, area = civil_date(call.path, "date"), self._entry.areas[call.key_id]
        statement = self._entry.statements.of(area, day)
        part = statement.part(number)
        if part is None:
            raise beyond_parts(statement.parts)
        return Answer(STATEMENT, part.wire())

    async def code_tables(self, call: Call) -> Answer:
        """代码表下载: all code tables that are offered, or the one part that is asked for."""
        if "part" not in call.query:
            return Answer("code-table-list", self._entry.offered.all_tables().wire())
        number = whole_number(call.query, "part", 1, minimum=1, maximum=_MAX_TABLE_PART)
        part = self._entry.offered.part(number)
        if part is None:
            raise invalid_query("part", "part 超出分片总数")
        return Answer("code-table-list", part.wire())

    async def divisions(self, call: Call) -> Answer:
        """行政区划下载: a page of the divisions that are offered, in the order of their codes."""
        after = division_code(call.query, "after")
        return Answer("division-page", self._entry.offered.page(after).wire())

    async def take_returns(self, call: Call) -> Answer:
        """退回部端: one entry per return, in order."""
        return self._taken(call, "returns", take_return)

    async def ping(self, call: Call) -> Answer:
        """连通性测试: the same text back, with our time."""
        return pong(call, validator=self._entry.validator, now=self._entry.now)

    def _taken(self, call: Call, member: str, take: Take) -> Answer:
        """Judge each item of a batch, and answer them in order."""
        book, area = self._entry.book, self._entry.areas[call.key_id]
        items, validator = read_batch(call.body, member), self._entry.validator
        answers = [take(book, area, item, validator=validator) for item in items]
        return Answer("batch-answer", batch_answer(answers))

    def _acknowledge_one(self, area: str, item: RawItem) -> tuple[str | None, ItemAnswer]:
        """Return the application's number, if one can be made out, and the item's answer."""
        try:
            said = read_item(item, read_acknowledgement)
            if isinstance(said, PositionAcknowledgement):
                return None, self._entry.book.acknowledge_position(area, said)
            answer = self._entry.book.acknowledge(area, said)
        except CallRefused as refused:
            number = item.number()
            facts = {"code": refused.code, "area": area}
            self._entry.book.events.record(EventKind.REFUSED, number, facts)
            return number, refused_item(refused)
        return said.application_no, answer
