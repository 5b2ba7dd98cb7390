"""The limit of B4: two loopback round trips, each signed, verified, answered and believed."""

import asyncio
import secrets
from time import perf_counter
from typing import Final

import aiohttp
from aiohttp import web
from multidict import CIMultiDict

from bench.figure import percentile
from bench.stage import utc_now
from schemas.signing import (
    Link,
    Suite,
    Target,
    new_key,
    sign_answer,
    sign_request,
    verify_answer,
    verify_request,
)

_BODY: Final = b'{"outcomes":["' + b"x" * 800 + b'"]}'
_ANSWER: Final = b'{"results":["' + b"x" * 300 + b'"]}'


async def two_round_trips_ms(count: int) -> float:
    """Return the median time of two round trips one after the other, in milliseconds."""
    key = new_key(f"limit-{secrets.token_hex(4)}", Suite.HMAC_SHA256)
    links = {key.key_id: Link(key, key)}

    async def answer(request: web.Request) -> web.Response:
        body = await request.read()
        target = Target.received(request.method, request.host, request.raw_path)
        verified = verify_request(links, target, request.headers, body, now=utc_now())
        headers = sign_answer(
            key, status=200, body=_ANSWER, request_signature=verified.signature, now=utc_now()
        )
        return web.Response(body=_ANSWER, content_type="application/json", headers=headers)

    app = web.Application()
    app.router.add_post("/", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port: int = runner.addresses[0][1]
        async with aiohttp.ClientSession(trust_env=False) as session:
            times = [
                await _two(session, key_url=(key.key_id, port), links=links) for _ in range(count)
            ]
    finally:
        await runner.cleanup()
    return percentile(times, 50)


async def _two(
    session: aiohttp.ClientSession, *, key_url: tuple[str, int], links: dict[str, Link]
) -> float:
    key_id, port = key_url
    url, key = f"http://127.0.0.1:{port}/", links[key_id].ours
    started = perf_counter()
    for _ in range(2):
        signed = sign_request(
            key,
            Target.from_url("POST", url),
            body=_BODY,
            content_type="application/json",
            now=utc_now(),
        )
        headers = CIMultiDict({**signed.headers, "Content-Type": "application/json"})
        async with session.post(url, data=_BODY, headers=headers) as answered:
            body = await answered.read()
            verify_answer(
                key,
                status=answered.status,
                headers=answered.headers,
                body=body,
                request_signature=signed.signature,
                now=utc_now(),
            )
    await asyncio.sleep(0)
    return (perf_counter() - started) * 1000
