"""An agency's own interface (机构接口): where the gateway pushes dispatches to."""

from aiohttp import web

from contracts.verify.schema_validator import Witness
from schemas.reference.clock import Now
from simulator.agencies.agency import Agency
from simulator.exchanges.calls import Answer, Call, batch_items
from simulator.exchanges.entries import batch_answer
from simulator.web.portal_api import pong
from simulator.web.signed import SignedInterface


class AgencyApi:
    """Serves one agency that takes pushes."""

    def __init__(self, agency: Agency, *, witness: Witness, now: Now) -> None:
        self._agency, self._witness, self._now = agency, witness, now

    def routes(self, interface: SignedInterface) -> list[web.RouteDef]:
        """Return the agency's routes, signed."""
        return [
            web.post("/dispatches", interface.serve("deliverDispatches", self.deliver)),
            web.post("/ping", interface.serve("ping", self.ping)),
        ]

    async def deliver(self, call: Call) -> Answer:
        """分派: store each dispatch and give its receipt."""
        verdicts = self._agency.take(batch_items(call.body, "dispatches"))
        return Answer("batch-answer", batch_answer(verdicts))

    async def ping(self, call: Call) -> Answer:
        """连通性测试."""
        return pong(call, witness=self._witness, now=self._now)
