"""B1: applications taken over a second, beside a bare loop over the same pages."""

import hashlib
import sqlite3
from pathlib import Path
from time import perf_counter
from typing import Final

import aiohttp

from bench.figure import Figure
from bench.stage import (
    ROUNDS,
    Stage,
    file_people,
    ledger_of,
    lonely_national_side,
    portal_of,
    rules_of,
    stage,
    take_all,
    utc_now,
)
from duijie.stand.agencies import places_of
from gateway.adapters.keys import Sealer, load
from schemas.applications import FeedPage, ForwardedApplication
from schemas.signing import Target, sign_request, verify_answer

COUNT: Final = 3000
PAGE: Final = 100
_TABLES: Final = """
CREATE TABLE cases (key TEXT PRIMARY KEY, place TEXT, at TEXT, content BLOB) WITHOUT ROWID;
CREATE TABLE history (key TEXT, seq INT, at TEXT, step TEXT, PRIMARY KEY (key, seq)) WITHOUT ROWID;
CREATE TABLE inbox (key TEXT PRIMARY KEY, digest TEXT, at TEXT) WITHOUT ROWID;
CREATE TABLE outbox (id INTEGER PRIMARY KEY, key TEXT, peer TEXT, due TEXT);
"""


async def measure() -> list[Figure]:
    """Measure both sides in turn."""
    ours: list[float] = []
    limits: list[float] = []
    for _ in range(ROUNDS):
        async with stage() as ground, lonely_national_side(ground) as control:
            await file_people(control, COUNT, places_of(ground.agencies))
            limits.append(await _bare(ground))
            ours.append(await _taken_over(ground))
    return [
        Figure("B1", "接收: 每秒接收申请", "/s", tuple(ours), tuple(limits), least=0.60),
        Figure("B1", "接收: 绝对值(两个空闲核)", "/s", tuple(ours), least=4000),
    ]


async def _taken_over(ground: Stage) -> float:
    rules = rules_of(ground)
    async with portal_of(ground) as portal, ledger_of(ground) as store:
        started = perf_counter()
        numbers = await take_all(portal, store, rules)
        seconds = perf_counter() - started
    if len(numbers) != COUNT:
        raise RuntimeError(f"{len(numbers)} of {COUNT} taken over")
    return COUNT / seconds


async def _bare(ground: Stage) -> float:
    """Receive the same bytes, verify, validate, seal, insert, commit; nothing else."""
    path = ground.folder / "limit.db"
    path.unlink(missing_ok=True)
    database = _database(path)
    sealer = Sealer(load(ground.settings.ledger_keys))
    async with aiohttp.ClientSession(trust_env=False) as session:
        started = perf_counter()
        for turn in range(COUNT // PAGE):
            page = FeedPage.read(await _page(session, ground))
            _insert(database, sealer, page, turn)
        seconds = perf_counter() - started
    database.close()
    return COUNT / seconds


async def _page(session: aiohttp.ClientSession, ground: Stage) -> bytes:
    link = ground.portal_link()
    url = f"{ground.settings.portal.url}/national/v1/applications?limit={PAGE}&wait=0"
    signed = sign_request(
        link.ours, Target.from_url("GET", url), body=None, content_type=None, now=utc_now()
    )
    async with session.get(url, headers=signed.headers) as answer:
        body = await answer.read()
        verify_answer(
            link.theirs,
            status=answer.status,
            headers=answer.headers,
            body=body,
            request_signature=signed.signature,
            now=utc_now(),
        )
    return body


def _database(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.executescript(_TABLES)
    return database


def _insert(database: sqlite3.Connection, sealer: Sealer, page: FeedPage, turn: int) -> None:
    items = [item for item in page.items if isinstance(item, ForwardedApplication)]
    keys = [f"{turn}:{item.application_no}" for item in items]
    contents = [item.wire() for item in items]
    at = utc_now().isoformat()
    sealed = [
        sealer.seal("cases", "content", key, content)
        for key, content in zip(keys, contents, strict=True)
    ]
    digests = [hashlib.sha256(content).hexdigest() for content in contents]
    database.execute("BEGIN IMMEDIATE")
    database.executemany(
        "INSERT INTO cases VALUES (?, ?, ?, ?)",
        [(k, i.place_division, at, s) for k, i, s in zip(keys, items, sealed, strict=True)],
    )
    database.executemany("INSERT INTO history VALUES (?, 1, ?, 'accept')", [(k, at) for k in keys])
    database.executemany(
        "INSERT INTO inbox VALUES (?, ?, ?)",
        [(k, d, at) for k, d in zip(keys, digests, strict=True)],
    )
    database.executemany(
        "INSERT INTO outbox (key, peer, due) VALUES (?, 'agency', ?)", [(k, at) for k in keys]
    )
    database.execute("COMMIT")
