"""申请目录: the applications in the book, by number, by order of filing, by open certificate."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from simulator.exchanges.entries import Application


class ApplicationIndex:
    """Every application of one book; a certificate number has at most one open application."""

    __slots__ = ("_by_number", "_in_order", "_open", "_positions")

    def __init__(self) -> None:
        self._by_number: dict[str, Application] = {}
        self._in_order: list[Application] = []
        self._positions: dict[str, int] = {}
        self._open: dict[str, str] = {}  # certificate number → application number

    def add(self, application: Application) -> None:
        """Enter an application, open under its certificate number if it has one."""
        self._by_number[application.number] = application
        self._in_order.append(application)
        self._positions[application.number] = len(self._in_order)
        if application.certificate_no:
            self._open[application.certificate_no.upper()] = application.number

    def injected(self, number: str, area: str, at: datetime) -> Application:
        """Return the application under a number, a new one that no check has seen if need be."""
        if number not in self._by_number:
            self.add(Application(number, area, area, at, at, "", injected=True))
        return self._by_number[number]

    def close(self, application: Application) -> None:
        """Let the person of a decided or withdrawn application apply again."""
        certificate = application.certificate_no.upper()
        if self._open.get(certificate) == application.number:
            del self._open[certificate]

    def find(self, number: str) -> Application | None:
        """Return an application by its number."""
        return self._by_number.get(number)

    def open_number(self, certificate_no: str) -> str | None:
        """Return the number of the open application under a certificate number, nationwide."""
        return self._open.get(certificate_no.upper())

    def position(self, application: Application) -> int:
        """Return an application's number in the order of filing, from 1."""
        return self._positions[application.number]

    def after(self, no: int, limit: int) -> list[Application]:
        """Return up to `limit` applications that were filed after number `no`."""
        return list(islice(self._in_order, no, no + limit))

    def latest(self, count: int) -> list[Application]:
        """Return the latest `count` applications, the newest first."""
        return self._in_order[: -count - 1 : -1]

    def __iter__(self) -> Iterator[Application]:
        return iter(self._in_order)

    def __len__(self) -> int:
        return len(self._in_order)
