"""申请受理: the national entry takes a form, gives it a number, and forwards it.

Its checks are those of the entry's own form (黑人社函〔2020〕87号 annex 1): required marks, code
tables, and one open application a certificate number nationwide. Whether the person may be
registered is never judged here (人社厅发〔2020〕3号 art. 8).
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType
from typing import Final

from contracts.verify.schema_validator import Witness
from schemas.records.applications import (
    HOUSEHOLD,
    OTHER_REASON,
    RESIDENCE,
    Commitment,
    ForwardedApplication,
    PersonForm,
)
from schemas.records.problems import FieldError
from schemas.reference.clock import BEIJING, beijing_date
from schemas.reference.codes import CodeTables
from schemas.reference.divisions import UnknownDivision
from simulator.errors import InvalidAnswer, Refused
from simulator.exchanges.entries import Application
from simulator.national.book import Book

POLICY: Final = "2020-79"
COMMITMENT_TEXT: Final = "2020-79/1"
"""Assumed: which version of the commitment's text (本人承诺) people agree to."""
_DIVISIONS: Final = MappingProxyType(
    {"household_division": "aab299", "residence_division": "aab301"}
)
_TABLES: Final = MappingProxyType(
    {
        "sex": "aac004",
        "ethnic_group": "aac005",
        "political_status": "aac024",
        "education": "aac011",
        "health": "aac033",
        "disability_grade": "disability-grade",
        "certificate_type": "aac058",
    }
)
_WIRE_NAMES: Final = MappingProxyType(
    {name: field.alias or name for name, field in ForwardedApplication.model_fields.items()}
)


@dataclass(frozen=True, slots=True)
class Wish:
    """A filled-in form and where the person wants to be registered (登记失业地)."""

    form: PersonForm
    place_basis: str
    place_division: str
    channel: str
    policy: str = POLICY


class Filing:
    """Takes forms over; numbers never repeat, not even after a restart of the simulator.

    A number is `SYDJ`, the Beijing date, the county of the place, and a serial that begins with
    the second of the day the counter was opened in. Nobody parses it.
    """

    def __init__(self, *, tables: CodeTables, witness: Witness, seed: int) -> None:
        self._tables, self._witness, self._seed = tables, witness, seed
        self._opened: str | None = None
        self._count = 0

    def file(self, book: Book, wish: Wish) -> Application:
        """Take one application over and forward it at once.

        Raises:
            Refused: `message.invalid` with what is wrong with the form, or
                `case.illegal-step` while another application of this person is open.
            InvalidAnswer: What would be forwarded is not what the contract publishes.
        """
        if errors := self._faults(book, wish):
            raise Refused("message.invalid", errors=tuple(errors))
        if book.open_number(wish.form.certificate_no) is not None:
            raise Refused("case.illegal-step", "该证件号码已有一件在办的失业登记申请")
        record = self._number(book, wish)
        content = record.wire()
        if faults := self._witness.check("application", content):
            raise InvalidAnswer(f"application: {faults[0].pointer} against {faults[0].rule}")
        application = Application(
            number=record.application_no,
            area=book.area_of(wish.place_division),
            place=wish.place_division,
            submitted_at=record.submitted_at,
            forwarded_at=record.forwarded_at,
            trace_id=record.trace_id or "",
            certificate_no=wish.form.certificate_no,
        )
        book.add(application, content)
        return application

    def _number(self, book: Book, wish: Wish) -> ForwardedApplication:
        """Give a form its number, its trace and the times."""
        at = book.now()
        number = self._next_number(book, wish.place_division)
        return ForwardedApplication(
            **dict(wish.form),
            kind="application",
            application_no=number,
            place_basis=wish.place_basis,
            place_division=wish.place_division,
            commitment=Commitment(given=True, date=beijing_date(at), text_version=COMMITMENT_TEXT),
            submitted_at=at,
            channel=wish.channel,
            forwarded_at=at,
            policy=wish.policy,
            trace_id=sha256(f"{self._seed}/{number}".encode()).hexdigest()[:32],
        )

    def _next_number(self, book: Book, place: str) -> str:
        at = book.now().astimezone(BEIJING)
        if self._opened is None:
            self._opened = f"{at.hour * 3600 + at.minute * 60 + at.second:05d}"
        self._count += 1
        county = book.tree.normalise(place)[:6]
        return f"SYDJ{at:%Y%m%d}{county}{self._opened}{self._count:06d}"

    def _faults(self, book: Book, wish: Wish) -> list[FieldError]:
        form = wish.form
        values = {name: getattr(form, name) for name in _TABLES}
        known: list[tuple[str, bool, str]] = [
            (name, self._tables.known(_TABLES[name], value), "代码不在代码表中")
            for name, value in values.items()
            if value is not None
        ]
        known += [
            (name, _in_tree(book, getattr(form, name)), "行政区划代码不存在") for name in _DIVISIONS
        ]
        on = beijing_date(book.now())
        basis_known = self._tables.known("acc412", wish.place_basis, generation=wish.policy)
        follows = _follows(wish)
        known += [
            ("reason", self._reason_known(form), "失业原因不在代码表中"),
            ("unemployed_since", form.unemployed_since <= on, "失业时间不能晚于今天"),
            ("place_basis", basis_known, "登记失业地类型不在代码表中"),
            ("channel", self._tables.known("channel", wish.channel), "申请渠道不在代码表中"),
            ("place_division", _in_tree(book, wish.place_division), "行政区划代码不存在"),
            ("place_division", follows(wish.place_division), "登记失业地与所选类型不一致"),
        ]
        return [_error(name, message) for name, right, message in known if not right]

    def _reason_known(self, form: PersonForm) -> bool:
        if form.code_set not in self._tables.generations("ajc093"):
            return False
        known = self._tables.known("ajc093", form.reason, generation=form.code_set)
        return known and (form.reason != OTHER_REASON or bool(form.reason_note))


def _follows(wish: Wish) -> Callable[[str], bool]:
    """Household and residence decide the place; workplace and insured place are the person's word.

    Source: 人社厅发〔2020〕3号 art. 2; 人社厅发〔2020〕79号.
    """
    form = wish.form
    decided = {HOUSEHOLD: form.household_division, RESIDENCE: form.residence_division}
    wanted = decided.get(wish.place_basis)
    return lambda place: wanted is None or place == wanted


def _in_tree(book: Book, code: str) -> bool:
    try:
        book.tree.ancestors(code)
    except UnknownDivision:
        return False
    return True


def _error(name: str, message: str) -> FieldError:
    return FieldError(pointer=f"/{_WIRE_NAMES[name]}", code="message.invalid", message=message)
