"""全国统一服务入口: the national side as a whole; invented people come to it and file."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from contracts.verify.schema_validator import Witness
from schemas.reference.clock import Now, beijing_date
from schemas.reference.codes import CodeTables
from schemas.reference.divisions import DivisionTree, UnknownDivision
from simulator.errors import Refused
from simulator.exchanges.entries import Application
from simulator.exchanges.events import EventKind
from simulator.national.applicants import fill_in
from simulator.national.book import Book
from simulator.national.filing import Filing, Wish
from simulator.people.population import Person, Population

_AT_ONCE: Final = 100  # people filed before others get a turn
_MOST_SKIPPED: Final = 100_000


class NationalEntry:
    """The book, the filing desk, and who came already.

    `areas` says which division each key id docks for. The same seed brings the same people; asked
    again for the same seed and places, those who follow them, until `reset`. Where nobody says
    from which `places` people come, they come from the agencies' divisions, or from the areas.
    """

    def __init__(
        self, *, areas: Mapping[str, str], seed: int, now: Now, places: Sequence[str] = ()
    ) -> None:
        self.areas: Final = areas
        self._usual_places = tuple(dict.fromkeys(places or areas.values()))
        self.seed: Final = seed
        self.now: Final = now
        self.witness: Final = Witness.load()
        self.tree: Final = DivisionTree.load()
        self.tables: Final = CodeTables.load()
        self._filing = Filing(tables=self.tables, witness=self.witness, seed=seed)
        self._came: dict[tuple[int, tuple[str, ...]], int] = {}
        self.book = self._new_book()

    def reset(self) -> None:
        """Begin with an empty book; numbers go on, so that no number is given twice."""
        self._came.clear()
        self.book.wake_all()
        self.book = self._new_book()
        self.book.events.record(EventKind.RESET)

    def file(self, wish: Wish) -> Application:
        """File one application and forward it.

        Raises:
            Refused: See `simulator.national.filing.Filing.file`.
        """
        return self._filing.file(self.book, wish)

    def population(self, seed: int, places: Sequence[str]) -> Population:
        """Return the invented people of some places.

        Raises:
            Refused: A place is not in the table of divisions.
        """
        today = beijing_date(self.now())
        try:
            return Population(seed, places, today=today, tree=self.tree)
        except UnknownDivision as exc:
            raise Refused("message.invalid", f"unknown division {exc.division}"[:100]) from None

    async def file_people(
        self, count: int, *, seed: int | None = None, places: Sequence[str] | None = None
    ) -> list[Application]:
        """Let `count` invented people file; a person with an open application is passed over.

        Raises:
            Refused: A place is unknown, or there are not so many people.
        """
        who = (self.seed if seed is None else seed, tuple(places or self.usual_places()))
        population = self.population(*who)
        filed: list[Application] = []
        skipped = 0
        while len(filed) < count and skipped < _MOST_SKIPPED:
            person = self._next(population, who)
            if self.book.open_number(person.certificate_no) is None:
                filed.append(self.file(fill_in(person)))
            else:
                skipped += 1
            if (len(filed) + skipped) % _AT_ONCE == 0:
                await asyncio.sleep(0)
        return filed

    def _next(self, population: Population, who: tuple[int, tuple[str, ...]]) -> Person:
        number = self._came.get(who, 0)
        try:
            person = population.person(number)
        except IndexError:
            raise Refused("message.invalid", "the places are too small for so many") from None
        self._came[who] = number + 1
        return person

    def usual_places(self) -> tuple[str, ...]:
        """Return where people come from when nobody says.

        Raises:
            Refused: Nobody docks here.
        """
        if not self._usual_places:
            raise Refused("message.invalid", "no province docks here: name places")
        return self._usual_places

    def _new_book(self) -> Book:
        return Book(areas=tuple(self.areas.values()), tree=self.tree, now=self.now)
