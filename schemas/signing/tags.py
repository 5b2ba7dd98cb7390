"""The tag of a signature (签名标记): that it is one of this contract, and who sends it to whom.

The plain tag is that of contract 1.0. A directed one also names sender and receiver by their part,
so that with a shared secret, too, nothing sent one way can be used the other way.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from schemas.signing.signature_errors import SignatureErrorCode, SignatureRejected

TAG: Final = "duijie-v1"


class Direction(StrEnum):
    """Who sends a message to whom (方向), as the directed tag says it."""

    PROVINCE_TO_NATIONAL = f"{TAG}/province-to-national"
    NATIONAL_TO_PROVINCE = f"{TAG}/national-to-province"
    PROVINCE_TO_AGENCY = f"{TAG}/province-to-agency"
    AGENCY_TO_PROVINCE = f"{TAG}/agency-to-province"
    PROVINCE_TO_OPERATOR = f"{TAG}/province-to-operator"
    OPERATOR_TO_PROVINCE = f"{TAG}/operator-to-province"


KNOWN_TAGS: Final = frozenset({TAG, *(direction.value for direction in Direction)})
_REVERSE: Final = {
    Direction.PROVINCE_TO_NATIONAL: Direction.NATIONAL_TO_PROVINCE,
    Direction.NATIONAL_TO_PROVINCE: Direction.PROVINCE_TO_NATIONAL,
    Direction.PROVINCE_TO_AGENCY: Direction.AGENCY_TO_PROVINCE,
    Direction.AGENCY_TO_PROVINCE: Direction.PROVINCE_TO_AGENCY,
    Direction.PROVINCE_TO_OPERATOR: Direction.OPERATOR_TO_PROVINCE,
    Direction.OPERATOR_TO_PROVINCE: Direction.PROVINCE_TO_OPERATOR,
}


class TagForm(StrEnum):
    """Which tag a connection uses; the values of the setting `tag`."""

    PLAIN = "plain"  # sends the tag of contract 1.0, takes both
    DIRECTED = "directed"  # sends the directed tag, takes both
    DIRECTED_ONLY = "directed-only"  # sends and takes the directed tag


@dataclass(frozen=True, slots=True)
class Tags:
    """The tags that one party of a connection sends, and those it takes."""

    sends: str = TAG
    takes: Collection[str] = (TAG,)
    direction: Direction | None = None

    @classmethod
    def of(cls, sends: Direction, form: TagForm) -> Self:
        """Return the tags of the party that sends in this direction."""
        received = _REVERSE[sends].value
        takes = (received,) if form is TagForm.DIRECTED_ONLY else (TAG, received)
        return cls(TAG if form is TagForm.PLAIN else sends.value, takes, sends)

    def answering(self, request_tag: str) -> str:
        """Return the tag of an answer, which takes the form of its request.

        So a caller of contract 1.0 is answered in words that it knows.
        """
        return TAG if request_tag == TAG or self.direction is None else self.direction.value

    def check(self, tag: str) -> None:
        """Raise `SignatureRejected` (`signature.wrong-tag`) for a message of another direction."""
        if tag not in self.takes:
            raise SignatureRejected(
                SignatureErrorCode.WRONG_TAG, "the tag is not that of a message to us"
            )


PLAIN_TAGS: Final = Tags()
