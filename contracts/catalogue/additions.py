"""后增的内容: what later versions added to records, and to whom alone it is sent.

A record is closed, so whoever does not know a member refuses the record. What is added is therefore
sent in one of two ways only: *asked* for by a query parameter, which the signature covers and which
older servers pass over, or *echoed*: said only to whoever sent it, or what it answers, before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Sent(StrEnum):
    """To whom alone an addition is sent."""

    ASKED = "asked"  # in an answer, to whoever asks by the parameter `by`
    ECHOED = "echoed"  # to whoever sent `by`, or got it in an answer that was asked for


@dataclass(frozen=True, slots=True)
class Addition:
    """Since which version something is there, and to whom alone it is sent."""

    since: str
    sent: Sent
    by: str

    def facts(self) -> dict[str, str]:
        """Return it as published under `x-duijie`."""
        return {"since": self.since, "sent": self.sent.value, "by": self.by}


@dataclass(frozen=True, slots=True)
class SenderBound:
    """How many texts a sender lists, and of which shape, though a reader takes any."""

    max_items: int
    pattern: str

    def facts(self) -> dict[str, object]:
        """Return it as keywords of a schema, published under `x-duijie`."""
        return {"maxItems": self.max_items, "items": {"type": "string", "pattern": self.pattern}}


WHOLE: Final = ""
"""In place of a member: the record itself, as one that a list may hold."""
_1_1: Final = "1.1.0"
_OF_LOCAL_CASE: Final = Addition(_1_1, Sent.ECHOED, "key")
ADDITIONS: Final[Mapping[tuple[str, str], Addition]] = MappingProxyType(
    {
        ("FeedPage", "positions"): Addition(_1_1, Sent.ASKED, "positions"),
        ("PositionAcknowledgement", WHOLE): Addition(_1_1, Sent.ECHOED, "positions"),
        ("CodeTableList", "part"): Addition(_1_1, Sent.ASKED, "part"),
        ("CodeTableList", "parts"): Addition(_1_1, Sent.ASKED, "part"),
        ("DispatchPage", "superseded"): Addition(_1_1, Sent.ASKED, "superseded_hours"),
        ("CaseView", "application_no"): _OF_LOCAL_CASE,
        ("CaseView", "division"): _OF_LOCAL_CASE,
        ("CaseView", "local_serial"): _OF_LOCAL_CASE,
        ("Receipt", "key"): Addition(_1_1, Sent.ECHOED, "key"),
        ("Receipt", "kind"): Addition(_1_1, Sent.ECHOED, "kind"),
    }
)
"""By model and member: what it is, or what of its values, was added."""
SENDER_BOUNDS: Final[Mapping[tuple[str, str], SenderBound]] = MappingProxyType(
    {("Dispatch", "findings"): SenderBound(32, "^[a-z0-9.:-]{1,80}$")}
)
"""By model and member: to what a sender keeps since 1.1, which no reader demands.

A reader that demanded it would refuse what 1.0 allowed to be sent.
"""


def facts_of(model: str, member: str) -> dict[str, object]:
    """Return what is published of an addition, or of a bound on senders; nothing where none is."""
    addition, bound = ADDITIONS.get((model, member)), SENDER_BOUNDS.get((model, member))
    facts: dict[str, object] = {} if addition is None else {**addition.facts()}
    return facts if bound is None else {**facts, "sender": bound.facts()}
