"""进程: one gateway as a process, from its settings file to the signal that ends it.

Both commands that run a gateway call `serve`.
"""

from collections.abc import Callable
from pathlib import Path

from gateway.app.lifecycle import Addresses, Gateway
from gateway.config import Settings
from gateway.logs import write_logs
from gateway.settings_file import load_settings
from gateway.web.contract_page import Page
from portable.event_loop import call_on_hangup, run_loop, stop_event
from portable.memory_images import forbid_core_dumps


def serve(
    config: Path,
    *,
    page: Page | None = None,
    on_ready: Callable[[Addresses], None] | None = None,
    with_parent: bool = False,
) -> int:
    """Run the gateway of a settings file until it is asked to stop; return the exit code.

    Args:
        config: The TOML file of settings.
        page: The contract page, which the gateway cannot make itself.
        on_ready: Called once the gateway listens.
        with_parent: The end of stdin stops the gateway, too.

    Raises:
        GatewayError: It cannot start: its settings or keys are wrong, or its ledger is not there.
        OSError: It cannot listen where it should.
    """
    forbid_core_dumps()
    settings = load_settings(config)
    write_logs(settings.log_level)
    return run_loop(_serve(settings, page, on_ready, with_parent=with_parent))


async def _serve(
    settings: Settings,
    page: Page | None,
    on_ready: Callable[[Addresses], None] | None,
    *,
    with_parent: bool,
) -> int:
    stop = stop_event(with_parent=with_parent)
    gateway = Gateway(settings, page=page)
    call_on_hangup(gateway.reload_files)
    try:
        await gateway.start()
    except BaseException:
        await gateway.drain()
        raise
    if on_ready is not None:
        on_ready(gateway.addresses)
    return await gateway.run_until(stop)
