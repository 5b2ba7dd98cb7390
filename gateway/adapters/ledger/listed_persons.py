"""名单: applicants as lists show them, opened here, and masked unless asked for in full."""

from collections.abc import Mapping, Sequence
from typing import Final

import orjson

from gateway.adapters.ledger.masking import mask_certificate, mask_name
from gateway.adapters.ledger.observer import LedgerObserver
from gateway.adapters.ledger.row_shapes import DAMAGED
from gateway.adapters.ledger.seals import open_content
from gateway.adapters.ledger.unreadable import tell_unreadable, text_of
from gateway.ports.reports import ListedPerson
from storage.errors import SealBroken
from storage.sealing import Sealer
from storage.session import Session

_FORM: Final = "person"
_NAME, _CERTIFICATE, _MOBILE, _SINCE = "aac003", "aac147", "aac067", "ajc090"


def read_persons(
    session: Session,
    sealer: Sealer,
    observer: LedgerObserver,
    keys: Sequence[str],
    *,
    in_full: bool,
) -> dict[str, ListedPerson]:
    """Return the applicants of cases; one whose content does not open is shown as such."""
    found: dict[str, ListedPerson] = {}
    for key, sealed in session.rows_among("contents_of", keys) if keys else ():
        try:
            form = _form(open_content(sealer, key, sealed))
            found[key] = _person(form) if in_full else _masked(_person(form))
        except (*DAMAGED, SealBroken) as broken:
            tell_unreadable(observer, "contents", text_of(key), broken)
            found[text_of(key)] = ListedPerson("", "", None, None, is_readable=False)
    return found


def _form(content: bytes) -> Mapping[str, object]:
    """Return the form in what was received; nothing where it holds none that can be read."""
    record = orjson.loads(content)
    form = record.get(_FORM, record) if isinstance(record, dict) else {}
    return form if isinstance(form, dict) else {}


def _person(form: Mapping[str, object]) -> ListedPerson:
    return ListedPerson(
        _text(form, _NAME) or "",
        _text(form, _CERTIFICATE) or "",
        _text(form, _MOBILE),
        _text(form, _SINCE),
    )


def _masked(person: ListedPerson) -> ListedPerson:
    mobile = None if person.mobile is None else mask_certificate(person.mobile)
    return ListedPerson(
        mask_name(person.name),
        mask_certificate(person.certificate),
        mobile,
        person.unemployed_since,
    )


def _text(form: Mapping[str, object], member: str) -> str | None:
    value = form.get(member)
    return value if isinstance(value, str) else None
