"""Details (说明): what is said about a case or an item, as a code with parameters, never as prose.

Words are made at the edge (`gateway.detail_words`), in the reader's language. A detail cannot hold
personal data: its parameters are places in a record, ordinals and names of tables.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Self
from urllib.parse import quote, unquote

from gateway.errors import PeerUnavailable

ALSO_APPLIED: Final = "person.also-applied"
"""A person registered locally has open applications; their numbers are a parameter."""
DECIDED: Final = "outcome.received"
"""An outcome came; its revision, verdict, and when it was decided and registered are parameters."""
DEREGISTERED: Final = "deregistration.received"
"""A registration ended; ground, revision, and whether notice is still due are parameters."""
DIFFERS: Final = "content.differs"
"""Other content came under a number, or a number and revision, that is known."""
REGISTERED_LOCALLY: Final = "person.registered-locally"
"""The applicant was registered locally meanwhile; the key of that is a parameter."""
RELEASED: Final = "case.released"
"""An operator let a held case go on; why it was held is a parameter."""
DUE_KNOWN: Final = "due.known"
"""The calendar reaches the due date by now; the date is a parameter."""
OUTCOME_REFUSED: Final = "outcome.refused"
"""An outcome was not taken; why, its revision and its fingerprint are parameters."""
SENT_AGAIN: Final = "reconciliation.sent-again"
"""A record went again that the national side does not state; day, run, kind and revision are
parameters."""
PLACE_IN_PAGE: Final = "page.place"
"""Which item of its page something is, counted from 1."""
_NOT_FOR_OTHERS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        ALSO_APPLIED: frozenset(),
        REGISTERED_LOCALLY: frozenset(),
        DECIDED: frozenset({"revision"}),
    }
)
"""Details that are told to agencies with these parameters only."""
_PLAIN: Final = "/:~"
_BETWEEN: Final = "; "


@dataclass(frozen=True, slots=True)
class Detail:
    """A stable code and its parameters, in their order.

    Written as `code name=value …`, with values percent-encoded, so that it is read back as it
    was and can be searched for in the database.
    """

    code: str
    params: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the written form."""
        params = (f"{name}={quote(value, safe=_PLAIN)}" for name, value in self.params.items())
        return " ".join((self.code, *params))

    @classmethod
    def read(cls, written: str) -> Self | None:
        """Return the detail of a written form, None where the text is not one."""
        code, *params = written.split(" ")
        pairs = [param.partition("=") for param in params]
        if not code or not all(name and equals for name, equals, _ in pairs):
            return None
        return cls(code, {name: unquote(value) for name, _, value in pairs})


def published(note: str | None) -> str | None:
    """Return a note as agencies are given it: of another case, only that there is one.

    Its key is that case's agency's own, and as long as that agency likes. Of a decision only the
    revision is given: whoever has the case now need not be who decided it.
    """
    detail = None if note is None else Detail.read(note)
    if detail is None or detail.code not in _NOT_FOR_OTHERS:
        return note
    kept = _NOT_FOR_OTHERS[detail.code]
    return str(
        Detail(detail.code, {name: detail.params[name] for name in kept & detail.params.keys()})
    )


def failure_detail(failure: PeerUnavailable) -> Detail:
    """Return why a call brought no usable answer: its code, the status, and which rule said so."""
    status = str(failure.status) if failure.status else ""
    params = {"status": status, "problem": failure.problem}
    return Detail(failure.failure.value, {name: value for name, value in params.items() if value})


def write_details(details: Iterable[Detail]) -> str:
    """Return the written form of several details."""
    return _BETWEEN.join(map(str, details))


def read_details(written: str) -> tuple[Detail, ...]:
    """Return the details of a written form; none where the text is not one."""
    found = [Detail.read(part) for part in written.split(_BETWEEN)]
    return tuple(one for one in found if one is not None) if all(found) else ()
