"""A gateway whose settings lost an agency with open cases does not start, and closes its ledger."""

from pathlib import Path

import pytest

from gateway.domain.case import State
from gateway.errors import Misconfigured
from tests.builders.ledger import an_opening
from tests.builders.records import JINSHUI
from tests.integration.gateway.harness import stack_of_two
from tests.support.stack import a_gateway


async def test_a_start_without_an_agency_that_has_open_cases_is_refused(tmp_path: Path) -> None:
    settings = stack_of_two(tmp_path).gateway_settings()
    async with a_gateway(settings) as gateway:
        case = an_opening("SQ1", agency=JINSHUI, state=State.DISPATCHED)
        await gateway.store.transact(lambda ledger: ledger.cases.open([case]))

    others = tuple(one for one in settings.agency if one.code != JINSHUI)
    lacking = settings.model_copy(update={"agency": others})
    with pytest.raises(Misconfigured, match=rf"agency {JINSHUI}: 1 open cases \(SQ1\)"):
        async with a_gateway(lacking):
            pass

    async with a_gateway(settings):  # the ledger was closed, and with its agency it starts
        pass
