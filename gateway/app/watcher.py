"""What runs beside the loops: the lag of the event loop is measured, the logs are sent off."""

import asyncio
from typing import Final

from gateway.logs import flush_logs
from gateway.metrics import Metrics

_EVERY_S: Final = 0.5


async def watch_event_loop(metrics: Metrics) -> None:
    """Measure how late the event loop is and send the logs off; runs until it is cancelled."""
    loop = asyncio.get_running_loop()
    while True:
        before = loop.time()
        await asyncio.sleep(_EVERY_S)
        metrics.loop_lag.set(max(loop.time() - before - _EVERY_S, 0.0))
        flush_logs()
