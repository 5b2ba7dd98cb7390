"""What runs beside the loops: the lag of the event loop is measured, the logs are sent off."""

import asyncio
import logging
from typing import Final

from gateway.jobs.turn_failures import note_turn_failure
from gateway.logs import flush_logs
from gateway.metrics import Metrics

LOG: Final = logging.getLogger(__name__)
_EVERY_S: Final = 0.5


async def watch_event_loop(metrics: Metrics) -> None:
    """Measure how late the event loop is and send the logs off; runs until it is cancelled."""
    loop = asyncio.get_running_loop()
    while True:
        before = loop.time()
        await asyncio.sleep(_EVERY_S)
        metrics.loop_lag.set(max(loop.time() - before - _EVERY_S, 0.0))
        try:
            flush_logs()
        except OSError as exc:  # nobody reads the logs any more; the work goes on
            note_turn_failure(exc, loop="watch", metrics=metrics, logger=LOG)
