"""An agency's own interface (经办机构接口): the gateway pushes dispatches to it."""

from aiohttp import web

from contracts.verify.schema_validator import SchemaValidator
from schemas.calls.bodies import read_batch
from schemas.records.json_errors import LONGEST_BODY_BYTES
from schemas.reference.clock import Now
from simulator.agencies.agency import SimulatedAgency
from simulator.exchanges.calls import Answer, Call
from simulator.exchanges.entries import batch_answer
from simulator.web.ping import pong
from simulator.web.problems import problems
from simulator.web.signed import SignedInterface
from transport.expectations import expect_nothing


class AgencyApi:
    """Serves one agency that takes pushes."""

    def __init__(self, agency: SimulatedAgency, *, validator: SchemaValidator, now: Now) -> None:
        self._agency, self._validator, self._now = agency, validator, now

    def app(self, interface: SignedInterface) -> web.Application:
        """Return the agency's interface, signed."""
        app = web.Application(
            client_max_size=LONGEST_BODY_BYTES, middlewares=[problems, interface.unmatched()]
        )
        served = {"/dispatches": ("deliverDispatches", self.deliver), "/ping": ("ping", self.ping)}
        for path, (operation, handler) in served.items():
            answer = interface.serve(operation, handler)
            app.router.add_post(path, answer, expect_handler=expect_nothing)
        return app

    async def deliver(self, call: Call) -> Answer:
        """分派: store each dispatch and give its receipt."""
        answers = self._agency.receive(read_batch(call.body, "dispatches"))
        return Answer("batch-answer", batch_answer(answers))

    async def ping(self, call: Call) -> Answer:
        """连通性测试."""
        return pong(call, validator=self._validator, now=self._now)
