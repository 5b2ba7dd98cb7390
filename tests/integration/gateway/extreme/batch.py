"""Some extreme records, by what has to become of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Final

from tests.builders.extreme_records import (
    NOWHERE,
    a_number,
    an_extreme_application,
    an_extreme_outcome,
)
from tests.builders.records import JINSHUI, JIYUAN
from tests.support.canaries import NAME

PLACES: Final[Mapping[str, str]] = {"410105": JINSHUI, "419001": JIYUAN}
"""The places that the gateway of the tests has agencies for."""
_HELD_EVERY, _CONFLICT_EVERY, _WITHDRAWN_EVERY, _CORRECTED_EVERY = 20, 15, 10, 7
_SPOILS: Final = (
    "\\u0000",
    "\\ud800",
    "\\udfff\\ud800",
    "\x01",
    "\\u001b[2J",
    "\\u0085",
    "\\u009b",
)
"""What no text of one line may hold: NUL, halves of pairs, controls; as JSON writes them."""


@dataclass(frozen=True, slots=True)
class ExtremeBatch:
    """Applications by number: what comes to an agency, what is held, and what contradicts it.

    `spoiled` are no lawful records: one text of each holds what no text may hold.
    """

    routed: Mapping[str, bytes]
    held: Mapping[str, bytes]
    contradicting: Mapping[str, bytes]
    spoiled: Mapping[str, bytes]
    withdrawn: frozenset[str]
    corrected: frozenset[str]

    @property
    def lawful(self) -> Mapping[str, bytes]:
        """The first content of each lawful application."""
        return {**self.routed, **self.held}

    @property
    def items(self) -> tuple[bytes, ...]:
        """What the portal forwards, contradictions after what they contradict."""
        return (*self.lawful.values(), *self.contradicting.values(), *self.spoiled.values())


def an_extreme_batch(begin: int, end: int, chance: Random) -> ExtremeBatch:
    """Return the applications of these places in the sequence."""
    routed: dict[str, bytes] = {}
    held: dict[str, bytes] = {}
    for place in range(begin, end):
        number = a_number(place, chance)
        is_held = place % _HELD_EVERY == 0 or number.startswith("-")
        kept, places = (held, NOWHERE) if is_held else (routed, (*PLACES,))
        division = chance.choice(places)
        kept[number] = an_extreme_application(number, chance, place_division=division)
    numbers = [*routed]
    return ExtremeBatch(
        routed=routed,
        held=held,
        contradicting={
            number: an_extreme_application(number, chance, place_division=chance.choice(NOWHERE))
            for number in numbers[::_CONFLICT_EVERY]
        },
        spoiled={
            number: _spoiled(number, spoil, chance)
            for place, spoil in enumerate(_SPOILS)
            for number in [f"SPOILED-{begin}-{place}"]
        },
        withdrawn=frozenset(numbers[1::_WITHDRAWN_EVERY]),
        corrected=frozenset(numbers[2::_CORRECTED_EVERY]),
    )


def spoiled_outcomes(chance: Random, **given: object) -> list[bytes]:
    """Return outcomes that fit `given`, of which one text each holds what no text may hold."""
    sound = an_extreme_outcome(chance, **given, aae019="NAME")
    return [sound.replace(b'"NAME"', f'"{NAME}{spoil}"'.encode()) for spoil in _SPOILS]


def _spoiled(number: str, spoil: str, chance: Random) -> bytes:
    sound = an_extreme_application(number, chance, aac003="NAME", place_division="410105")
    return sound.replace(b'"NAME"', f'"{NAME}{spoil}"'.encode())
