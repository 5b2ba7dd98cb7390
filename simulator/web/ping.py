"""连通性测试: the operation `ping`, the same at the national side and at agencies."""

from contracts.verify.schema_validator import SchemaValidator
from schemas.calls.bodies import read_record
from schemas.records.dispatches import Ping, Pong
from schemas.records.version import CONTRACT_VERSION
from schemas.reference.clock import Now
from simulator.errors import RequestRefused
from simulator.exchanges.calls import Answer, Call
from simulator.exchanges.receipts import schema_errors


def pong(call: Call, *, validator: SchemaValidator, now: Now) -> Answer:
    """Answer a ping: the same text back, with our time and version.

    Raises:
        CallRefused: The body is not a ping.
    """
    echo = read_record(call.body, Ping.read).echo
    if faults := validator.check("ping", call.body):
        raise RequestRefused("message.invalid", errors=schema_errors(faults))
    return Answer("pong", Pong(echo=echo, at=now(), contract=CONTRACT_VERSION).wire())
