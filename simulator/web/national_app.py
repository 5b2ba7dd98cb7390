"""What the national side serves (部端): interface, pages, the contract, a sign of life."""

import asyncio
from collections.abc import Collection

from aiohttp import web

from schemas.records.json_errors import LONGEST_BODY_BYTES
from simulator.national.entry import NationalEntry
from simulator.web.access import page_access
from simulator.web.pages import Pages
from simulator.web.portal_api import PortalApi
from simulator.web.problems import problems
from simulator.web.signed import SignedInterface


def national_app(
    entry: NationalEntry, interface: SignedInterface, *, names: Collection[str]
) -> web.Application:
    """Return the application; only the operations of the contract are signed.

    `names` are the host names by which its pages may be called beside addresses.
    """
    app = web.Application(
        client_max_size=LONGEST_BODY_BYTES, middlewares=[problems, interface.unmatched()]
    )
    PortalApi(entry).register(app.router, interface)
    app.add_routes(Pages(entry).routes(names))
    app.router.add_get("/livez", _alive)
    app.router.add_get("/docs", page_access(_contract_page, names))

    async def answer_polls(_: web.Application) -> None:
        """Answer the polls that are held open, so that a stop does not wait for them."""
        entry.book.wake_all()

    app.on_shutdown.append(answer_polls)
    return app


async def _contract_page(_: web.Request) -> web.Response:
    """The contract to read (接口约定页): one page that loads nothing."""
    body, policy = await asyncio.to_thread(_page_and_policy)
    headers = {"Content-Security-Policy": policy}
    return web.Response(body=body, content_type="text/html", charset="utf-8", headers=headers)


def _page_and_policy() -> tuple[bytes, str]:
    from contracts.docs.page import ONLY_ITSELF, page  # noqa: PLC0415 - a tenth of the time of a start

    return page(), ONLY_ITSELF


async def _alive(_: web.Request) -> web.Response:
    """Say that the event loop turns."""
    return web.Response(text="ok")
