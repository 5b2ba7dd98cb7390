"""台账的规模: environments whose ledgers hold so many past cases, on either store."""

import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from bench.bulk_rows import bulk_writer
from bench.environment import (
    SEED,
    Environment,
    fresh_environment,
    ledger_store,
    national_side_program,
    portal_client,
)
from bench.past_cases import PastCases
from gateway.app.rules import load_rules
from gateway.domain.feed_items import receive
from gateway.flows.intake import ingest
from gateway.flows.page_download import download_page
from schemas.records.applications import ForwardedApplication
from schemas.reference.clock import utc_now
from storage.sealing_keys import load_sealer
from storage.urls import sqlite_path, sqlite_url

Show = Callable[[str], None]
_CHUNK: Final = 2_000


@dataclass(frozen=True, slots=True)
class GrownLedger:
    """An environment, and the past cases in its ledger; beside them a page of open ones."""

    env: Environment
    past: PastCases


@asynccontextmanager
async def grown_ledger(size: int, server: str | None, show: Show) -> AsyncIterator[GrownLedger]:
    """Yield an environment with `size` past cases; everything is deleted afterwards.

    The ledger is a SQLite file, or a database of its own on the PostgreSQL `server`. `show` is
    told how far the filling is.
    """
    with _fresh_database(server) as url:
        async with fresh_environment(url) as env, national_side_program(env) as control:
            agency, rules = env.hmac_agency(), load_rules(env.settings)
            await control.file(100, seed=SEED, places=agency.places)
            async with portal_client(env) as portal:
                page = await download_page(portal, limit=100, wait_s=0)
                items = [receive(raw).item for raw in page.items]
                applications = [one for one in items if isinstance(one, ForwardedApplication)]
                sealer = load_sealer(env.settings.ledger_keys)
                past = PastCases(applications, agency, size, rules=rules, sealer=sealer)
                async with ledger_store(env):
                    pass  # makes the tables
                _fill(env, past, show)
                async with ledger_store(env) as store:
                    await ingest(portal, store=store, rules=rules, now=utc_now)
            yield GrownLedger(env, past)


def _fill(env: Environment, past: PastCases, show: Show) -> None:
    with bulk_writer(ledger_url(env)) as write:
        for first in range(0, past.total, _CHUNK):
            show(f"正在写入历年办件 {first:,}/{past.total:,}")
            write(past.tables(first, min(first + _CHUNK, past.total)))
        show("")


def ledger_url(env: Environment) -> str:
    """Return where the ledger of an environment is, a file by its absolute path."""
    path = sqlite_path(env.settings.store)
    return env.settings.store if path is None else sqlite_url(path.absolute())


@contextmanager
def _fresh_database(server: str | None) -> Iterator[str | None]:
    """Yield the URL of a new database on a server, which is dropped afterwards."""
    if server is None:
        yield None
        return
    name = f"duijie_bench_{secrets.token_hex(4)}"
    _run(server, sql.SQL("CREATE DATABASE {}"), name)
    try:
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
    finally:
        _run(server, sql.SQL("DROP DATABASE {} WITH (FORCE)"), name)


def _run(server: str, statement: sql.SQL, name: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement.format(sql.Identifier(name)))
