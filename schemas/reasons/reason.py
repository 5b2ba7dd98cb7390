"""A reason (原因) and the errors that carry some: code, parameters and place, never prose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import takewhile
from pathlib import Path
from typing import Self, Union

from schemas.reasons.quotations import Quotation

Parameter = Union[str, int, Path, tuple[str, ...], Quotation, "Reason"]
"""What a sentence is filled with; never a secret, nor a value that may be one."""


class ReasonCode(StrEnum):
    """The base of closed lists of reasons; each member has its sentence for the log beside it."""

    english: str

    def __new__(cls, code: str, english: str) -> Self:
        """Return a member: a stable code, and an English sentence with `{parameters}`."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.english = english
        return member

    def at(self, *where: str | Path, **params: Parameter) -> "Reason":
        """Return this reason at a place, the outermost part first: setting, file."""
        return Reason(self, params, tuple(map(str, where)))


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is refused, and where: the names of settings and files, outermost first."""

    code: ReasonCode
    params: Mapping[str, Parameter] = field(default_factory=dict)
    where: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return the English line for the log."""
        words = {name: _written(value) for name, value in self.params.items()}
        return ": ".join((*self.where, self.code.english.format_map(words)))

    def within(self, *where: str | Path) -> "Reason":
        """Return the same reason, seen from further out."""
        return replace(self, where=(*map(str, where), *self.where))


def _written(value: Parameter) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def split_place(reasons: Sequence[Reason]) -> tuple[tuple[str, ...], tuple[Reason, ...]]:
    """Return the place that all reasons are at, and the reasons as seen from there."""
    parts = zip(*(one.where for one in reasons), strict=False)
    place = tuple(part[0] for part in takewhile(lambda part: len(set(part)) == 1, parts))
    return place, tuple(replace(one, where=one.where[len(place) :]) for one in reasons)


class ReasonedError(Exception):
    """An error that says what is wrong by values: its message is for the log."""

    def __init__(self, *reasons: Reason) -> None:
        place, rest = split_place(reasons)
        super().__init__(": ".join((*place, "; ".join(map(str, rest)))))
        self.reasons = reasons

    def reasons_within(self, *where: str | Path) -> tuple[Reason, ...]:
        """Return its reasons, seen from further out."""
        return tuple(reason.within(*where) for reason in self.reasons)


class Unfit(ReasonedError, ValueError):
    """A value of a setting is unfit; a validator of pydantic may raise it.

    The message repeats no part of the value: it may be a secret in the wrong place.
    """
