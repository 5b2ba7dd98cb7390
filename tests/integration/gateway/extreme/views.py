"""What is shown of extreme records: pages for people, views for agencies, the command line."""

import asyncio
import shlex
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import quote, urljoin

import click
from click.testing import CliRunner
from yarl import URL

from duijie.commands.gateway_assign import assign
from duijie.commands.gateway_case import case
from duijie.commands.gateway_cases import cases
from duijie.commands.gateway_release import release
from schemas.records.dispatches import CaseView
from tests.builders.extreme_records import NUMBERS
from tests.integration.gateway.extreme.batch import ExtremeBatch
from tests.integration.gateway.extreme.rendered import Rendered, escapes, rendered
from tests.integration.gateway.extreme.way import Way
from tests.integration.gateway.harness import Harness

_TITLE: Final = "办件 {} · 河南省失业登记对接网关"
_ON_PAGES: Final = {"release": release, "assign": assign}
"""The commands that a page names."""
_TURNING: Final = frozenset({"Cc", "Cf", "Zl", "Zp"})


@dataclass
class Shown:
    """Asks for everything that is shown of a batch; keeps the texts, by where they stand."""

    harness: Harness
    texts: dict[str, str] = field(default_factory=dict)

    async def pages(self, batch: ExtremeBatch) -> None:
        """Every page shows the numbers as text and says nothing else by them."""
        listed = await self._page("/")
        assert listed.cases
        for number in (*batch.lawful, *batch.spoiled):
            link = f"/cases/{quote(number, safe='')}"
            if number in NUMBERS:
                found = await self._page(f"/?key={quote(number, safe='')}", number)
                (link,) = (one for one in found.links if one.startswith("/cases/"))
            page = await self._page(link, number, _TITLE.format(number))
            if number in {*batch.held, *batch.spoiled}:
                commands = [one for one in page.texts if one.startswith("duijie gateway ")]
                assert commands
                assert {numbers_of(command) for command in commands} == {(number,)}
        kept = await self._page("/quarantine", *batch.spoiled, *batch.contradicting)
        assert not kept.links[0].startswith("/cases/")

    async def whole_list(self) -> set[str]:
        """Return the numbers on all pages of the list, each followed from the one before."""
        numbers: set[str] = set()
        link = "/"
        while link:
            page = await self._page(link)
            numbers |= page.cases
            link = next((one for one in page.links if one.startswith("/?due=")), "")
        return numbers

    async def views(self, way: Way, batch: ExtremeBatch, agencies: Mapping[str, str]) -> None:
        """Every agency reads where its cases stand."""
        for number, agency in agencies.items():
            path = f"/agency/v1/cases/{quote(number, safe='')}"
            answered = await way.call(agency, "GET", path)
            view = CaseView.read(answered.body)
            expected = "WITHDRAWN" if number in batch.withdrawn else "REPORTED"
            assert (view.application_no, view.state) == (number, expected)
            self.texts[path] = answered.body.decode()

    async def health(self) -> None:
        """The gateway is ready and says its figures."""
        for path in ("/readyz", "/metrics"):
            status, self.texts[path] = await self.harness.health(path)
            assert status == 200

    async def commands(self, settings: Path, numbers: Iterable[str]) -> None:
        """The command line shows cases on lines of their own, without a sign that turns them."""
        asked = ["--config", str(settings)]
        for number in numbers:
            await self._command(partial(_run, case, [*asked, "--", number]), number)
        await self._command(partial(_run, cases, [*asked, "--limit", "1000"]), "")
        await self._command(partial(_run, cases, [*asked, "--json"]), "")

    async def _command(self, run: Callable[[], str], number: str) -> None:
        text = await asyncio.to_thread(run)
        assert number in text
        assert not turning_signs(text)
        self.texts[f"command {number}"] = text

    async def _page(self, link: str, *shows: str) -> Rendered:
        """Follow a link as a browser does, and read the page that it leads to."""
        base = self.harness.gateway.addresses.console
        url = URL(urljoin(f"{base}/", link), encoded=True)
        async with self.harness.session.get(url) as answer:
            text = await answer.text()
        assert answer.status == 200, link
        self.texts[link] = text
        read = await asyncio.to_thread(rendered, text)
        wrong = escapes(read, shows=shows)
        assert not wrong, f"{link}: {wrong}"
        assert not turning_signs(text), link
        return read


def numbers_of(command: str) -> tuple[str, ...]:
    """Return the numbers of the cases that a command for a shell releases or assigns."""
    program, group, name, *words = shlex.split(command)
    assert (program, group) == ("duijie", "gateway")
    with _ON_PAGES[name].make_context(name, words, resilient_parsing=True) as context:
        assert not context.params.get("whole")
        return tuple(context.params["numbers"])


def turning_signs(text: str) -> set[str]:
    """Return the characters that control a terminal, show nothing, or turn the others around."""
    return {sign for sign in text if sign != "\n" and unicodedata.category(sign) in _TURNING}


def _run(command: click.Command, arguments: list[str]) -> str:
    """Run a command in this process, in a thread that has no event loop."""
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 0, result.output
    return result.output
