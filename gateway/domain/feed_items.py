"""下载的条目: what an item of the feed says, or why it cannot be read."""

import re
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import TypeAdapter, ValidationError

from gateway.domain.detail import Detail
from schemas.calls.bodies import read_item
from schemas.calls.refusals import CallRefused
from schemas.records.applications import FeedItem, ForwardedApplication, Withdrawal
from schemas.records.canonical_form import bytes_digest, content_digest, is_digest_of
from schemas.records.field_errors import rule_violations
from schemas.records.json_errors import JsonError
from schemas.records.strict_json import RawItem

UNREADABLE: Final = "application.unreadable"
UNREADABLE_CASE: Final = "case.unreadable"
"""The case that an item is about is there, but its row cannot be read."""
_FEED: Final[TypeAdapter[ForwardedApplication | Withdrawal]] = TypeAdapter(FeedItem)
_WITHDRAWAL: Final = re.compile(rb'"kind"[ \t\r\n]*:[ \t\r\n]*"withdrawal"')

_MAX_DETAILS: Final = 5
_KIND: Final = re.compile(r"^/(application|withdrawal)(?=/|$)")

FeedKind = Literal["application", "withdrawal"]


_POSITION_KEY: Final = re.compile(r"position/([0-9]{32})")
"""Longer than any application number, and no division begins like it: no other case's key."""


def position_key(position: int) -> str:
    """Return the key of a case whose application has no number that can be read."""
    return f"position/{position:032d}"


def position_of(key: str) -> int | None:
    """Return the position that the key of a case stands for; None where it stands for none."""
    found = _POSITION_KEY.fullmatch(key)
    return None if found is None else int(found[1])


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An item that cannot be read: which number it seems to bear, and what is wrong with it.

    `position` is that in the feed, where the portal gives it.
    """

    number: str | None
    kind: FeedKind
    details: tuple[Detail, ...]
    position: int | None = None

    @property
    def case_key(self) -> str | None:
        """The key of the case that is held for it: its number, else its position, else none."""
        if self.number is None and self.position is not None:
            return position_key(self.position)
        return self.number

    @property
    def may_be_application(self) -> bool:
        """Whether a case is held for it: without a number nobody knows whose withdrawal it is."""
        return self.kind == "application" or self.number is None


@dataclass(frozen=True, slots=True)
class Received:
    """One item of the feed as it came (`content`), and what it says.

    `digest` is over what it says, the same for every spelling (`content_digest`), and over its
    bytes where it cannot be read. `position` is its place in its page, counted from 1.
    """

    content: bytes
    digest: str
    position: int
    item: ForwardedApplication | Withdrawal | Unreadable

    @property
    def kind(self) -> FeedKind:
        """Which feed item this is, or seems to be."""
        return self.item.kind

    @property
    def number(self) -> str | None:
        """The application number, None where it cannot be made out."""
        return self.item.number if isinstance(self.item, Unreadable) else self.item.application_no

    @property
    def case_key(self) -> str | None:
        """The key of its case; None where it can have none."""
        return self.item.case_key if isinstance(self.item, Unreadable) else self.number

    def has_digest(self, digest: str) -> bool:
        """Say whether `digest`, stored by this or an earlier program, is that of this item."""
        if isinstance(self.item, Unreadable):
            return digest == self.digest
        return is_digest_of(digest, self.item, self.content)


def receive(raw: RawItem) -> Received:
    """Return what `raw` says; whatever cannot be read keeps its bytes and the rules it breaks."""
    item = _read(raw)
    if isinstance(item, Unreadable):
        return Received(raw.content, bytes_digest(raw.content), raw.position, item)
    return Received(raw.content, content_digest(item), raw.position, item)


def refusal_of(raw: RawItem) -> CallRefused:
    """Return why an unreadable item cannot be taken; pointers are into the item."""
    try:
        read_item(raw, _read_content)
    except CallRefused as refused:
        errors = (
            one.model_copy(update={"pointer": _KIND.sub("", one.pointer)}) for one in refused.errors
        )
        return CallRefused(refused.code, refused.detail, errors=tuple(errors))
    raise ValueError("the item can be read")


def _read_content(content: bytes) -> ForwardedApplication | Withdrawal:
    return _FEED.validate_json(content, by_alias=True, by_name=False)


def _read(raw: RawItem) -> ForwardedApplication | Withdrawal | Unreadable:
    if raw.error is not None:
        return _unreadable(raw, (_of_json(raw.error),))
    try:
        return _read_content(raw.content)
    except ValidationError as exc:
        return _unreadable(raw, _of_rules(exc))


def _of_json(error: JsonError) -> Detail:
    return Detail(error.code, {} if error.at_byte is None else {"byte": str(error.at_byte)})


def _of_rules(exc: ValidationError) -> tuple[Detail, ...]:
    """Return the first rules an item breaks; its kind, which the reader puts first, left out."""
    return tuple(
        Detail(one.code, {"pointer": _KIND.sub("", one.pointer)})
        for one in rule_violations(exc)[:_MAX_DETAILS]
    )


def _unreadable(raw: RawItem, details: tuple[Detail, ...]) -> Unreadable:
    kind: FeedKind = "withdrawal" if _WITHDRAWAL.search(raw.content) else "application"
    return Unreadable(raw.number(), kind, details, raw.feed_position)
