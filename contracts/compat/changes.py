"""The words of a comparison: what changed, whom it breaks, and in which order it may be rolled out.

A change *widens* when the new version takes what the old one refused: a sender on the new version
breaks a reader on the old one. It *narrows* when the new version refuses what the old one took: a
sender on the old version breaks a reader on the new one.
"""

from dataclasses import dataclass
from enum import StrEnum


class Impact(StrEnum):
    """What a change does to the set of messages that are taken."""

    WIDENS = "widens"
    NARROWS = "narrows"
    BOTH = "both"
    NONE = "none"


ROLL_OUT = {
    Impact.WIDENS: "先升级接收方，后升级发送方",
    Impact.NARROWS: "先升级发送方，后升级接收方",
    Impact.BOTH: "没有安全的次序，须使用新的主版本",
    Impact.NONE: "任意次序",
}


@dataclass(frozen=True, slots=True)
class ContractChange:
    """One change: `place` is a JSON Pointer into the schema or document named `file`."""

    rule: str
    file: str
    place: str
    impact: Impact
    message: str
    counterexample: str | None = None  # JSON that one version takes and the other refuses

    @property
    def breaking(self) -> bool:
        """Whether somebody who is not rolled out yet may be broken by it."""
        return self.impact is not Impact.NONE

    @property
    def roll_out(self) -> str:
        """The safe order, in both languages."""
        return ROLL_OUT[self.impact]


def joined(*impacts: Impact) -> Impact:
    """Return the impact of several changes together."""
    met = {impact for impact in impacts if impact is not Impact.NONE}
    if not met:
        return Impact.NONE
    return met.pop() if len(met) == 1 else Impact.BOTH
