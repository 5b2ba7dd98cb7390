"""The console (工作台): cases by due date, one case with its history, held and quarantined lists.

Read-only, masked, in Chinese, and for this machine only: there are no accounts yet. Its endpoints
declare that, so a request that came through a proxy or names another host is turned away.
"""

from pathlib import Path
from shlex import quote as quote_word
from types import MappingProxyType
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gateway.detail_words import describe_details, describe_note
from gateway.domain.case import State, is_case_key
from gateway.domain.dated_rules import DatedRules
from gateway.domain.intake_rules import Rules
from gateway.ports.store import Store
from gateway.ports.unreadable import UnreadableRow
from gateway.ports.views import (
    FlowFigures,
    QuarantineRow,
    UnreadableCase,
    Views,
    WorkFilter,
    WorkRow,
)
from gateway.web.calls import Answer, Call
from gateway.web.console.lines import line_of, message_line, moment, shown_of
from gateway.web.console.worklist_query import names_nothing, next_page, read_filter, read_mark
from gateway.web.endpoints import Reach, UnsignedEndpoint
from gateway.words import (
    BASES,
    HOLDS,
    STATES,
    STEPS,
    describe_actor,
    describe_finding,
)
from schemas.reference.clock import Now, beijing_date

FOLDER: Final = Path(__file__).parent / "templates"
ROWS: Final = 50
_HTML: Final = "text/html; charset=utf-8"
_PAGE_HEADERS: Final = MappingProxyType(
    {
        "Content-Security-Policy": (
            "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
            "frame-ancestors 'none'"
        ),
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
)


class ConsoleApi:
    """The pages."""

    def __init__(self, *, store: Store, rules: DatedRules, now: Now) -> None:
        self._store, self._rules, self._now = store, rules, now
        self._css = (FOLDER / "console.css").read_bytes()
        self._pages = Environment(
            loader=FileSystemLoader(FOLDER),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._pages.filters["moment"] = moment
        self._pages.filters["finding"] = describe_finding
        self._pages.filters["details"] = describe_details
        self._pages.filters["actor"] = self._describe_actor
        self._pages.filters["note"] = describe_note

    def endpoints(self) -> tuple[UnsignedEndpoint, ...]:
        """Return the pages, each for this machine only."""
        pages = (
            ("console.worklist", "/", self.worklist),
            ("console.case", "/cases/{key:.*}", self.case),
            ("console.quarantine", "/quarantine", self.quarantine),
            ("console.css", "/console.css", self.css),
        )
        return tuple(
            UnsignedEndpoint(name, "GET", path, Reach.LOOPBACK, page) for name, path, page in pages
        )

    async def worklist(self, call: Call) -> Answer:
        """办件列表: cases by due date, unknown last; filters by agency, state and number."""
        query = call.query
        if names_nothing(query):
            return self._absent()
        chosen, after = read_filter(query), read_mark(query)
        today = beijing_date(self._now())

        def view(views: Views) -> tuple[list[WorkRow | UnreadableCase], FlowFigures]:
            rows = views.worklist(chosen, after=after, limit=ROWS + 1)
            return rows, views.figures(today)

        rows, figures = await self._store.read(view)
        shown = rows[:ROWS]
        following = next_page(query, shown[-1].mark) if len(rows) > ROWS else None
        return self._page(
            "worklist.html",
            here="held" if chosen == WorkFilter(states=(State.HELD,)) else "worklist",
            lines=[line_of(row, self._rules_today(), self._now()) for row in shown],
            figures=figures,
            agencies=sorted(self._rules_today().directory.on(today), key=lambda one: one.division),
            chosen=chosen,
            following=following,
            is_first=after is None,
        )

    async def case(self, call: Call) -> Answer:
        """办件: one case, why it is where it is, and its whole history."""
        key = call.path["key"] or call.query.get("key", "")
        if not is_case_key(key):
            return self._absent()
        row, history, messages, conflicts, texts = await self._store.read(
            lambda views: (
                views.case(key),
                views.history(key),
                views.messages(key),
                views.conflicts(key),
                views.texts(key),
            )
        )
        if row is None:
            return self._absent()
        if isinstance(row, UnreadableCase):
            return self._page(
                "unreadable.html", here="", line=line_of(row, self._rules_today(), self._now())
            )
        word = quote_word(key)
        return self._page(
            "case.html",
            here="",
            line=line_of(row, self._rules_today(), self._now()),
            case=row.case,
            basis=BASES.get(row.case.place_basis, row.case.place_basis),
            history=[shown_of(entry) for entry in history],
            texts=texts,
            steps=STEPS,
            messages=[message_line(one) for one in messages],
            conflicts=conflicts,
            release=f"duijie gateway release --operator 姓名 -- {word}",
            assign=f"duijie gateway assign --to 代码 --reason 理由 --operator 姓名 -- {word}",
        )

    async def quarantine(self, call: Call) -> Answer:
        """留存待查: what could not be accepted as it was, without its content."""
        rows: list[QuarantineRow | UnreadableRow] = await self._store.read(
            lambda views: views.quarantined(limit=4 * ROWS)
        )
        return self._page(
            "quarantine.html",
            here="quarantine",
            rows=[shown_of(row) for row in rows],
            limit=4 * ROWS,
        )

    async def css(self, call: Call) -> Answer:
        """Return the style sheet."""
        return Answer(self._css, media_type="text/css; charset=utf-8", headers=_PAGE_HEADERS)

    def _describe_actor(self, actor: str) -> str:
        name = self._rules_today().directory.name_of(actor, beijing_date(self._now()))
        return describe_actor(actor, {} if name is None else {actor: name})

    def _rules_today(self) -> Rules:
        return self._rules.on(beijing_date(self._now()))

    def _absent(self) -> Answer:
        return self._page("absent.html", status=404, here="")

    def _page(self, template: str, *, status: int = 200, **shown: object) -> Answer:
        text = self._pages.get_template(template).render(
            province=self._rules_today().province,
            now=self._now(),
            states=STATES,
            holds=HOLDS,
            **shown,
        )
        return Answer(text.encode("utf-8"), status, _HTML, _PAGE_HEADERS)
