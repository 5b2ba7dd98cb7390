"""经手: what a system of the province's operators asks for by hand, and what became of it.

The same acts as by command. What stands in the history of a case is the person that the message
names, with the system whose key signed it. An act that was done before changes nothing: it is
answered `already`.

Source: 豫人社办〔2020〕35号 annex 1 nos. 1, 2 (the administrator assigns and reassigns).
Assumed: the records; the notices describe no interface for it.
"""

from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from schemas.records.application_returns import APPLICATION_RETURN_REASON, check_place
from schemas.records.base import (
    AgencyCode,
    DispatchNo,
    DivisionCode,
    LongText,
    PersonName,
    ShortText,
    Whole,
    WireModel,
)

CaseKey = Annotated[str, Field(pattern=r"^[!-~]{1,60}$")]
"""The application number, or `division/local_serial`."""
CaseKeys = Annotated[tuple[CaseKey, ...], Field(min_length=1, max_length=100)]
PeerName = Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,20}$")]
"""`portal`, or the code of an agency."""
MOST_MESSAGES: Final = 1000
"""How many messages one call sends again at most."""


class AssignAct(WireModel):
    """改派: gives cases to another agency, each under a new dispatch number."""

    keys: CaseKeys
    to: AgencyCode
    reason: LongText
    operator: PersonName


class HoldAct(WireModel):
    """挂起: holds cases that are doubtful; their clocks run on."""

    keys: CaseKeys
    reason: LongText
    operator: PersonName


class ReturnAct(WireModel):
    """退回部端: gives cases back that are not the province's; `note` stays in their histories."""

    keys: CaseKeys
    reason: Annotated[str, APPLICATION_RETURN_REASON]
    belongs_to: DivisionCode | None = None
    note: LongText | None = None
    operator: PersonName

    @model_validator(mode="after")
    def _another_division_is_named(self) -> Self:
        check_place(self.reason, self.belongs_to)
        return self


class ReleaseAct(WireModel):
    """释放挂起: lets held cases go on: routed anew, sent again, or read again."""

    keys: CaseKeys
    operator: PersonName


class AnnotateAct(WireModel):
    """备注: writes something about cases into their histories; nothing is moved."""

    keys: CaseKeys
    text: LongText
    operator: PersonName


class ActCode(StrEnum):
    """What became of one case."""

    DONE = "done"  # 已办理
    ALREADY = "already"  # 此前已办理
    CLOSED = "closed"  # 已办结、已退回或已撤回
    UNREADABLE = "unreadable"  # 内容无法读取
    UNKNOWN = "unknown"  # 没有此办件
    GOING_BACK = "going-back"  # 退回部端处理中
    BELONGS_HERE = "belongs-here"  # 属于本省，不得退回
    UNFIT_REASON = "unfit-reason"  # 退回原因与办件不符
    RELEASED = "released"  # 已释放
    STILL_HELD = "still-held"  # 仍挂起
    NOT_HELD = "not-held"  # 未挂起


class ActEntry(WireModel):
    """What became of one case; `held_for` is why it is held, where it is held on."""

    key: CaseKey
    result: ActCode = Field(strict=False)
    agency_code: AgencyCode | None = None
    dispatch_no: DispatchNo | None = None
    held_for: ShortText | None = None


class ActAnswer(WireModel):
    """One entry a case, in the order of the request; a case that was named twice has one."""

    results: Annotated[tuple[ActEntry, ...], Field(min_length=1, max_length=100)]


class ResendAct(WireModel):
    """重发: refused messages that wait for a person go again: those of cases, or all for a peer.

    With `per_minute` so many go a minute; with `preview` nothing goes, and the answer says what
    would.
    """

    keys: Annotated[tuple[CaseKey, ...], Field(min_length=1, max_length=100)] | None = None
    peer: PeerName | None = None
    per_minute: Annotated[int, Whole(1, MOST_MESSAGES)] | None = None
    preview: bool | None = None
    operator: PersonName

    @model_validator(mode="after")
    def _keys_or_a_peer(self) -> Self:
        if (self.keys is None) == (self.peer is None):
            raise ValueError("keys 与 peer 恰好给出一项")
        return self


class ResendEntry(WireModel):
    """One message that was parked; `sent_again` is false where nobody wants it any more."""

    key: CaseKey
    kind: ShortText
    peer: PeerName
    message_no: Annotated[str, Field(pattern=r"^[!-~]{1,64}$")]
    revision: Annotated[int, Whole(0, 9999)]
    problem: ShortText | None = None
    sent_again: bool


class ResendAnswer(WireModel):
    """Every message that was parked and asked for, the oldest first."""

    messages: Annotated[tuple[ResendEntry, ...], Field(max_length=MOST_MESSAGES)]
