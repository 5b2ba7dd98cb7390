"""B4 的上限: two loopback round trips, each signed, verified, answered and verified again.

`python -m bench.round_trip KEY_FILE` answers them in a process of its own, as the gateway's
peers do: it prints its port and serves until it is ended.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter
from typing import Final

import aiohttp
from aiohttp import web
from multidict import CIMultiDict

from bench.figure import percentile
from schemas.reference.clock import utc_now
from schemas.signing import (
    Key,
    Link,
    Target,
    read_key_file,
    sign_answer,
    sign_request,
    verify_answer,
    verify_request,
)

_BODY: Final = b'{"outcomes":["' + b"x" * 800 + b'"]}'
_ANSWER: Final = b'{"results":["' + b"x" * 300 + b'"]}'


async def two_round_trips_ms(count: int, key_file: Path) -> float:
    """Return the median time of two round trips one after the other, in milliseconds."""
    key = read_key_file(key_file)
    async with (
        _answering_program(key_file) as port,
        aiohttp.ClientSession(trust_env=False) as session,
    ):
        times = [await _two(session, key, port) for _ in range(count)]
    return percentile(times, 50)


@asynccontextmanager
async def _answering_program(key_file: Path) -> AsyncIterator[int]:
    """Run the answering side; yield its port."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.round_trip", str(key_file)),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        if process.stdout is None:
            raise RuntimeError("no pipe to the answering side")
        yield int(await process.stdout.readline())
    finally:
        process.terminate()
        await process.wait()


async def _serve_answers(key: Key) -> None:
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
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sys.stdout.write(f"{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


async def _two(session: aiohttp.ClientSession, key: Key, port: int) -> float:
    url = f"http://127.0.0.1:{port}/"
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


if __name__ == "__main__":
    asyncio.run(_serve_answers(read_key_file(Path(sys.argv[1]))))
