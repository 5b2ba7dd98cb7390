"""The words of a comparison: what changed, whom it breaks, and in which order it may be rolled out.

A change *widens* when the new version takes what the old one refused: a sender on the new version
breaks a reader on the old one. It *narrows* when the new version refuses what the old one took: a
sender on the old version breaks a reader on the new one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from schemas.reasons.reason import ReasonCode


class Impact(StrEnum):
    """What a change does to the set of messages that are taken."""

    WIDENS = "widens"
    NARROWS = "narrows"
    BOTH = "both"
    NONE = "none"


class Pairing(StrEnum):
    """A pair of an older and a newer side that call each other."""

    OLD_CALLER = "old-caller-new-server"
    OLD_SERVER = "new-caller-old-server"


class GrowthRule(StrEnum):
    """Why a change breaks nobody, though a reader of the older version would refuse it."""

    NOT_BUILT = "not-built"  # nobody served it in the older version
    ASKED = "asked"  # it is sent to whoever asks for it alone
    ECHOED = "echoed"  # it is sent to whoever sent it before alone
    PASSED_OVER = "passed-over"  # servers pass over parameters that they do not know
    OPEN = "open"  # codes are open: an unknown one is told by its table, or by its status


ROLL_OUT = {
    Impact.WIDENS: "先升级接收方，后升级发送方",
    Impact.NARROWS: "先升级发送方，后升级接收方",
    Impact.BOTH: "没有安全的次序，须使用新的主版本",
    Impact.NONE: "任意次序",
}
ORDERS = {
    frozenset[Pairing](): "任意次序",
    frozenset({Pairing.OLD_CALLER}): "先升级全部调用方，后升级服务方",
    frozenset({Pairing.OLD_SERVER}): "先升级服务方，后升级调用方",
    frozenset(Pairing): "没有安全的次序，须使用新的主版本",
}
"""The safe order of roll-out, by the pairs of which one side would refuse the other."""


class ChangeRule(ReasonCode):
    """The closed list of what a change can be, as published in the JSON of a comparison."""

    FILE_REMOVED = "file-removed", "not published any more"
    FILE_ADDED = "file-added", "new"
    MEMBER_ADDED = "member-added", "new member {name}"
    MEMBER_REMOVED = "member-removed", "member {name} is gone"
    REQUIRED_ADDED = "required-added", "{name} is required"
    REQUIRED_DROPPED = "required-dropped", "{name} may be absent"
    OPENED = "opened", "unknown members are taken"
    CLOSED = "closed", "unknown members are refused"
    TYPE = "type", "{was} → {now}"
    VALUES = "values", "closed list {was} → {now}"
    ALTERNATIVE_ADDED = "alternative-added", "{name} may stand here as well"
    ALTERNATIVE_REMOVED = "alternative-removed", "{name} may not stand here any more"
    VALUE_ADDED = "value-added", "values {values}"
    VALUE_REMOVED = "value-removed", "values {values} are gone"
    BOUND = "bound", "{bound}: {was} → {now}"
    PATTERN = "pattern", "{was} → {now}"
    FORMAT = "format", "{was} → {now}"
    CONDITION = "condition", "rules between members differ"
    DIGEST = "digest", "{name}: another digest"
    OPERATION_REMOVED = "operation-removed", "callers find nothing here"
    OPERATION_ADDED = "operation-added", "new; nobody calls it yet"
    OPERATION_ID = "operation-id", "generated clients change"
    SECURITY = "security", "proof of identity differs"
    CONTENT = "content", "{was} → {now}"
    STATUS_ADDED = "status-added", "older callers do not know it"
    STATUS_REMOVED = "status-removed", "not answered any more"
    PARAMETER_ADDED = "parameter-added", "older sides do not know it"
    PARAMETER_REMOVED = "parameter-removed", "older callers send it"
    PARAMETER = "parameter", "takes other values"
    CODE_ADDED = "code-added", "older readers flag it"
    CODE_REMOVED = "code-removed", "known before, unknown now"
    ERROR_ADDED = "error-added", "older callers do not know it"
    ERROR_REMOVED = "error-removed", "not answered any more"
    ERROR_STATUS = "error-status", "status {was} → {now}"


@dataclass(frozen=True, slots=True)
class ContractChange:
    """One change: `place` is a JSON Pointer into the schema or document named `file`.

    With an `allowance` it has no impact; `breaks` are the pairs of which it breaks one side.
    """

    rule: ChangeRule
    file: str
    place: str
    impact: Impact
    params: Mapping[str, str] = field(default_factory=dict)
    counterexample: str | None = None  # JSON that one version takes and the other refuses
    allowance: GrowthRule | None = None
    breaks: frozenset[Pairing] = frozenset()

    @property
    def breaking(self) -> bool:
        """Whether somebody who is not rolled out yet may be broken by it."""
        return self.impact is not Impact.NONE

    @property
    def roll_out(self) -> str:
        """The safe order, in Chinese."""
        return ROLL_OUT[self.impact]


def joined(*impacts: Impact) -> Impact:
    """Return the impact of several changes together."""
    met = {impact for impact in impacts if impact is not Impact.NONE}
    if not met:
        return Impact.NONE
    return met.pop() if len(met) == 1 else Impact.BOTH
