"""连通性测试: the text comes back; signature, clock and reach are proven."""

from datetime import datetime

from gateway.web.calls import Answer
from schemas.calls.bodies import read_record
from schemas.records.dispatches import Ping, Pong
from schemas.records.version import CONTRACT_VERSION


def answer_ping(body: bytes, at: datetime) -> Answer:
    """Return the answer to a ping.

    Raises:
        CallRefused: `message.malformed`, `message.invalid`.
    """
    echo = read_record(body, Ping.read).echo
    return Answer(Pong(echo=echo, at=at, contract=CONTRACT_VERSION).wire())
