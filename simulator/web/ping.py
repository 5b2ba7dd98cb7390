"""连通性测试: the operation `ping`, the same at the national side and at agencies."""

from contracts.verify.schema_validator import Witness
from schemas.records.dispatches import Ping, Pong
from schemas.records.version import CONTRACT_VERSION
from schemas.reference.clock import Now
from simulator.errors import RequestRefused
from simulator.exchanges.calls import Answer, Call
from simulator.exchanges.receipts import field_errors


def pong(call: Call, *, validator: Witness, now: Now) -> Answer:
    """Answer a ping: the same text back, with our time and version.

    Raises:
        RequestRefused: The body is not a ping.
    """
    if faults := validator.check("ping", call.body):
        code = "message.invalid" if faults[0].rule else "message.malformed"
        raise RequestRefused(code, errors=field_errors(faults))
    echo = Ping.read(call.body).echo
    return Answer("pong", Pong(echo=echo, at=now(), contract=CONTRACT_VERSION).wire())
