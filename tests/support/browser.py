"""A real Chromium for tests: the one named or the one installed; none is downloaded.

`DUIJIE_TEST_BROWSER` names the program; without it the names below are looked for on the path.
"""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, Page, async_playwright

PageOpener = Callable[[str], Awaitable[Page]]

VARIABLE: Final = "DUIJIE_TEST_BROWSER"
NAMES: Final = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "chromium-headless-shell",
)
CURE: Final = f"install chromium (Debian: apt-get install chromium) or set {VARIABLE}"
OPTIONS: Final = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)


def find_browser() -> Path | None:
    """Return the browser to test with, or None where there is none."""
    if named := os.environ.get(VARIABLE):
        return Path(named)
    found = next(filter(None, map(shutil.which, NAMES)), None)
    return Path(found) if found else None


@asynccontextmanager
async def running_browser(program: Path) -> AsyncIterator[Browser]:
    """Run `program` without a window, with a profile of its own, until the block ends."""
    options = list(OPTIONS)
    if os.geteuid() == 0:
        options.append("--no-sandbox")  # Chromium refuses to start as root otherwise
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=program, args=options)
        try:
            yield browser
        finally:
            await browser.close()
