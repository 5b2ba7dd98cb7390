"""Answers as aiohttp sends them, all with the same headers."""

from aiohttp import web

from gateway.web.calls import Answer
from schemas.records.version import CONTRACT_VERSION


def response_of(answer: Answer) -> web.Response:
    """Return an answer as a response."""
    headers = {
        "Content-Type": answer.media_type,
        "Server": "duijie",
        "Duijie-Contract": CONTRACT_VERSION,
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        **answer.headers,
    }
    return web.Response(body=answer.body, status=answer.status, headers=headers)
