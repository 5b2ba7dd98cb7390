"""全国统一服务入口: the national side as a whole; invented people come to it and file."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Final

from contracts.verify.schema_validator import SchemaValidator
from schemas.reference.clock import Now, beijing_date, utc_now
from schemas.reference.codes import CodeTables
from schemas.reference.divisions import DivisionTree, UnknownDivision
from simulator.errors import unfit_member
from simulator.exchanges.entries import Application
from simulator.exchanges.events import EventKind
from simulator.national.applicants import fill_in
from simulator.national.book import Book
from simulator.national.filing import Filing
from simulator.national.filing_request import FilingRequest
from simulator.national.form_rules import FormRules
from simulator.national.offered_tables import OfferedTables
from simulator.national.positions import PositionCounter
from simulator.national.statements import Statements
from simulator.people.person import Person
from simulator.people.population import Population

_FILED_BETWEEN_TURNS: Final = 100  # people who file before other tasks get a turn
_MAX_SKIPPED: Final = 100_000
_KEPT_POPULATIONS: Final = 16

Source = tuple[int, tuple[str, ...]]
"""Where people come from: a seed and division codes."""


class NationalEntry:
    """The book, the taking of applications, and how many people of each source have come.

    `areas` says which division each key id docks for. The same seed brings the same people; asked
    again for the same seed and places, those who follow them, until `reset`. A filing that names
    no places gets people from `places`, the agencies' divisions, or else from the areas.
    """

    def __init__(
        self, *, areas: Mapping[str, str], seed: int, now: Now, places: Sequence[str] = ()
    ) -> None:
        self.areas = areas
        self.seed: Final = seed
        self.now: Final = now
        self.validator: Final = SchemaValidator.load()
        self.offered = OfferedTables.shipped()
        self._default_places = tuple(dict.fromkeys(places or areas.values()))
        rules = FormRules(self.tables, self.tree)
        self._filing = Filing(rules, validator=self.validator, seed=seed)
        self._people_come: Counter[Source] = Counter()
        self._population = lru_cache(_KEPT_POPULATIONS)(self._build_population)
        self._counter: Final = PositionCounter(utc_now)
        self.book = self._new_book()
        self.statements = Statements(self.book)

    @property
    def tree(self) -> DivisionTree:
        """The divisions that are offered, which places of applications are looked up in."""
        return self.offered.tree

    @property
    def tables(self) -> CodeTables:
        """The code tables that are offered, which forms are checked against."""
        return self.offered.codes

    def offer(self, tables: OfferedTables) -> None:
        """Offer another edition of code tables and divisions from now on, and go by it."""
        self.offered, self.book.tree = tables, tables.tree
        self._filing.rules = FormRules(self.tables, self.tree)
        self._population.cache_clear()

    def reset(self) -> None:
        """Begin with an empty book; numbers go on, so that no number is given twice."""
        self._people_come.clear()
        if self.offered.rehearsal is not None:
            self.offer(OfferedTables.shipped())
        self.book.wake_all()
        self.book = self._new_book()
        self.statements = Statements(self.book)
        self.book.events.record(EventKind.RESET)

    def file(self, request: FilingRequest) -> Application:
        """File one application and forward it.

        Raises:
            RequestRefused: See `simulator.national.filing.Filing.file`.
        """
        return self._filing.file(self.book, request)

    def population(self, seed: int, places: Sequence[str]) -> Population:
        """Return the invented people of some places who apply today.

        Raises:
            RequestRefused: A place is not in the table of divisions.
        """
        return self._population(seed, tuple(places), beijing_date(self.now()))

    async def file_people(
        self, count: int, *, seed: int | None = None, places: Sequence[str] | None = None
    ) -> list[Application]:
        """Let `count` invented people file; a person with an open application is passed over.

        Raises:
            RequestRefused: A place is unknown, or there are not so many people.
        """
        source = (self.seed if seed is None else seed, tuple(places or self.default_places()))
        population = self.population(*source)
        filed: list[Application] = []
        skipped = 0
        while len(filed) < count and skipped < _MAX_SKIPPED:
            person = self._next_person(population, source)
            if self.book.applications.open_number(person.certificate_no) is None:
                filed.append(self.file(fill_in(person)))
            else:
                skipped += 1
            if (len(filed) + skipped) % _FILED_BETWEEN_TURNS == 0:
                await asyncio.sleep(0)
        return filed

    def people_at(self, division: str, count: int, *, seed: int | None) -> list[FilingRequest]:
        """Return what `count` invented people of a division would ask for; nobody files here.

        Raises:
            RequestRefused: The division is unknown, or there are not so many people.
        """
        source = (self.seed if seed is None else seed, (division,))
        population = self.population(*source)
        return [fill_in(self._next_person(population, source)) for _ in range(count)]

    def default_places(self) -> tuple[str, ...]:
        """Return where people come from when a filing does not say.

        Raises:
            RequestRefused: Nobody docks here.
        """
        if not self._default_places:
            raise unfit_member("places", text="没有对接的省份；请给出 places")
        return self._default_places

    def _next_person(self, population: Population, source: Source) -> Person:
        try:
            person = population.person(self._people_come[source])
        except IndexError:
            raise unfit_member("places", text="这些区划能生成的虚构人员不足") from None
        self._people_come[source] += 1
        return person

    def _build_population(self, seed: int, places: tuple[str, ...], today: date) -> Population:
        try:
            return Population(seed, places, today=today, tree=self.tree)
        except UnknownDivision as exc:
            text = f"没有行政区划代码 {exc.division}"
            raise unfit_member("places", text=text) from None

    def _new_book(self) -> Book:
        areas = tuple(self.areas.values())
        return Book(areas=areas, tree=self.tree, now=self.now, counter=self._counter)
