"""Pages for people (页面): file an application at the national entry, and watch its progress."""

from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

import jinja2
from aiohttp import web

from schemas.records.outcomes import Outcome, Verdict
from schemas.records.version import CONTRACT_VERSION
from schemas.reference.clock import BEIJING
from simulator.errors import RequestRefused
from simulator.exchanges.entries import Application, Progress
from simulator.national.applicants import fill_in
from simulator.national.entry import NationalEntry
from simulator.national.filing import COMMITMENT_TEXT
from simulator.national.places import place_name
from simulator.web.access import page_access
from simulator.web.agency_search import find_agencies, read_agency_query
from simulator.web.form import Errors, Values, errors_by_field, form_values, read_form
from simulator.web.form_fields import SECTIONS

_FOLDER: Final = Path(__file__).parent / "templates"
_LATEST: Final = 12
_INVENTED_FROM: Final = 500_000  # people of this page; the control interface sends those before
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with none at all, our own form would be posted by `null`
    "Cache-Control": "no-store",
}
_STEPS: Final = (Progress.WAITING, Progress.UNDER_REVIEW, Progress.REVIEWED)
_NOTHING: Final[Mapping[str, str]] = {}


class Pages:
    """The national entry's own pages."""

    def __init__(self, entry: NationalEntry) -> None:
        self._entry = entry
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(_FOLDER),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["beijing"] = _beijing
        self._templates.globals["contract"] = CONTRACT_VERSION
        self._style = (_FOLDER / "style.css").read_text("utf-8")

    def routes(self, names: Collection[str]) -> list[web.RouteDef]:
        """Return the routes of the pages, to be called by an address or one of `names`."""
        return [
            web.get("/", page_access(self.entry_page, names)),
            web.post("/", page_access(self.file, names)),
            web.get("/progress/{number}", page_access(self.progress, names)),
            web.get("/agencies", page_access(self.agencies, names)),
            web.get("/assets/style.css", page_access(self.style, names)),
        ]

    async def entry_page(self, request: web.Request) -> web.Response:
        """The form, empty or filled in for an invented person, and the latest applications."""
        values: Values = _NOTHING
        person = request.query.get("person", "")
        if person.isascii() and person.isdigit() and len(person) <= 9:
            population = self._entry.population(self._entry.seed, self._places())
            try:
                values = form_values(fill_in(population.person(int(person))))
            except IndexError:  # the places have not so many people
                raise RequestRefused("case.unknown", "虚构人员的序号超出范围") from None
        return self._show_form(values, _NOTHING)

    async def file(self, request: web.Request) -> web.Response:
        """File what was filled in, or show what is wrong, field by field."""
        sent = await request.post()
        values = {name: text for name, text in sent.items() if isinstance(text, str)}
        filing, errors = read_form(values)
        if filing is None:
            return self._show_form(values, errors)
        try:
            application = self._entry.file(filing)
        except RequestRefused as refused:
            errors = errors_by_field(refused.errors) or {"form": refused.detail or "申请不符合要求"}
            return self._show_form(values, errors)
        raise web.HTTPSeeOther(f"/progress/{application.number}")

    async def progress(self, request: web.Request) -> web.Response:
        """The progress of an application; the page reloads by itself until there is a result."""
        one = self._entry.book.applications.find(request.match_info["number"])
        if one is None:
            return self._page("absent.html", 404)
        result = one.result_in_force
        outcome = None if result is None else result.outcome
        return self._page(
            "progress.html",
            200,
            one=one,
            place=place_name(one.place, self._entry.tree),
            forwarded_on=[
                (place_name(way.area, self._entry.tree), way.at) for way in one.forwarded_on
            ],
            steps=_STEPS,
            reached=_reached(one),
            final=one.progress in {Progress.REVIEWED, Progress.WITHDRAWN},
            outcome=outcome,
            passed=outcome is not None and outcome.verdict == Verdict.PASSED,
            reason=self._reason(outcome),
        )

    async def agencies(self, request: web.Request) -> web.Response:
        """机构查询: the agencies that the areas published, by division, level and name."""
        asked = read_agency_query(request.query)
        levels = [
            (one, self._entry.tables.name("agency-level", one))
            for one in self._entry.tables.codes("agency-level")
        ]
        hits = find_agencies(self._entry, asked)
        return self._page("agencies.html", 200, asked=asked, levels=levels, hits=hits)

    async def style(self, _: web.Request) -> web.Response:
        """The style sheet."""
        headers = {**_HEADERS, "Cache-Control": "max-age=300"}
        return web.Response(text=self._style, content_type="text/css", headers=headers)

    def _show_form(self, values: Values, errors: Errors) -> web.Response:
        applications, tree = self._entry.book.applications, self._entry.tree
        latest = [(one, place_name(one.place, tree)) for one in applications.latest(_LATEST)]
        return self._page(
            "entry.html",
            422 if errors else 200,
            sections=SECTIONS,
            tables=self._entry.tables,
            values=values,
            errors=errors,
            commitment=COMMITMENT_TEXT,
            divisions=self._divisions(),
            invented=_INVENTED_FROM + len(applications),
            latest=latest,
            total=len(applications),
        )

    def _places(self) -> list[str]:
        try:
            return list(self._entry.default_places())
        except RequestRefused:  # nobody docks here, and the form can still be looked at
            return list(self._entry.tree.provinces()[:1])

    def _divisions(self) -> list[tuple[str, str]]:
        """Return cities and counties of the areas that dock, to choose from."""
        tree = self._entry.tree
        found: list[str] = []
        waiting = self._places()
        while waiting:
            code = waiting.pop(0)
            below = [child for child in tree.children(code) if len(child) == 6]
            found += [] if below else [code]
            waiting += below
        return [(code, tree.full_name(code)) for code in found]

    def _reason(self, outcome: Outcome | None) -> str:
        if outcome is None or outcome.refusal_reason is None:
            return ""
        return self._entry.tables.name("refusal-reason", outcome.refusal_reason) or ""

    def _page(self, template: str, status: int, **shown: object) -> web.Response:
        text = self._templates.get_template(template).render(**shown)
        return web.Response(text=text, status=status, content_type="text/html", headers=_HEADERS)


def _reached(one: Application) -> Mapping[Progress, datetime | None]:
    """Return the instant at which each step of the progress was reached."""
    return {
        Progress.WAITING: one.submitted_at,
        Progress.UNDER_REVIEW: one.acknowledged_at,
        Progress.REVIEWED: one.decided_at,
    }


def _beijing(at: datetime | None) -> str:
    return "" if at is None else at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
