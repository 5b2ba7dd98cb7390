"""申请受理: the national entry takes a form, gives it a number, and forwards it.

A certificate number has at most one open application nationwide.
"""

from hashlib import sha256
from typing import Final

from contracts.verify.schema_validator import SchemaValidator
from schemas.records.applications import (
    Commitment,
    ForwardedApplication,
)
from schemas.reference.clock import BEIJING, beijing_date
from simulator.errors import InvalidAnswer, RequestRefused
from simulator.exchanges.entries import Application
from simulator.national.book import Book
from simulator.national.filing_request import FilingRequest
from simulator.national.form_rules import FormRules

COMMITMENT_TEXT: Final = (
    "本人承诺填报的以上内容均真实、准确、有效，如与实际情况不一致，"
    "本人愿意承担相应责任，同时纳入人社信用记录。"
)
"""本人承诺: what people agree to, as the form prints it.

Source: 黑人社函〔2020〕87号 annex 1; the same in 豫人社办〔2020〕35号 annex 2.
"""
COMMITMENT_VERSION: Final = "2020-3/1"
"""The version of that text. Assumed: what its version is called."""


class Filing:
    """Takes forms over; numbers never repeat, not even after a restart of the simulator.

    A number is `SYDJ`, the Beijing date, the county of the place, and a serial that begins with
    the second of the day at which the first number was given. Nobody parses it.
    """

    def __init__(self, rules: FormRules, *, validator: SchemaValidator, seed: int) -> None:
        self.rules, self._validator, self._seed = rules, validator, seed
        self._opened: str | None = None
        self._count = 0

    def file(self, book: Book, request: FilingRequest) -> Application:
        """Take one application over and forward it at once.

        Raises:
            RequestRefused: `message.invalid` with what is wrong with the form, or
                `case.illegal-step` while another application of this person is open.
            InvalidAnswer: What would be forwarded is not what the contract publishes.
        """
        if errors := self.rules.errors(request, beijing_date(book.now())):
            raise RequestRefused("message.invalid", errors=errors)
        if book.applications.open_number(request.form.certificate_no) is not None:
            raise RequestRefused("case.illegal-step", "该证件号码已有一件在办的失业登记申请")
        record = self._record(book, request)
        content = record.wire()
        if faults := self._validator.check("application", content):
            raise InvalidAnswer("application", faults[0].rule)
        application = Application(
            number=record.application_no,
            area=book.area_of(request.place_division),
            place=request.place_division,
            submitted_at=record.submitted_at,
            forwarded_at=record.forwarded_at,
            trace_id=record.trace_id or "",
            certificate_no=request.form.certificate_no,
        )
        book.add(application, record, content)
        return application

    def _record(self, book: Book, request: FilingRequest) -> ForwardedApplication:
        """Return the record to forward: the form with its number, its trace and the times."""
        at = book.now()
        number = self._next_number(book, request.place_division)
        return ForwardedApplication(
            **dict(request.form),
            kind="application",
            application_no=number,
            place_basis=request.place_basis,
            place_division=request.place_division,
            commitment=Commitment(
                given=True, date=beijing_date(at), text_version=COMMITMENT_VERSION
            ),
            submitted_at=at,
            channel=request.channel,
            forwarded_at=at,
            policy=request.policy,
            trace_id=sha256(f"{self._seed}/{number}".encode()).hexdigest()[:32],
        )

    def _next_number(self, book: Book, place: str) -> str:
        at = book.now().astimezone(BEIJING)
        if self._opened is None:
            self._opened = f"{at.hour * 3600 + at.minute * 60 + at.second:05d}"
        self._count += 1
        county = book.tree.normalise(place)[:6]
        return f"SYDJ{at:%Y%m%d}{county}{self._opened}{self._count:06d}"
