"""The browser the tests stand on is real, shows Chinese and stays on this machine."""

import socket

import pytest
from playwright.async_api import Error

from tests.support.browser import PageOpener


async def test_a_page_is_really_rendered(page_opener: PageOpener) -> None:
    page = await page_opener("data:text/html;charset=utf-8,<h1>失业登记</h1>")
    assert await page.inner_text("h1") == "失业登记"
    assert await page.evaluate("navigator.language") == "zh-CN"


async def test_each_page_starts_with_a_clean_profile(page_opener: PageOpener) -> None:
    first = await page_opener("about:blank")
    second = await page_opener("about:blank")
    assert first.context is not second.context


async def test_the_browser_does_not_leave_this_machine(page_opener: PageOpener) -> None:
    with pytest.raises(Error, match=r"ERR_NAME_NOT_RESOLVED|ERR_INTERNET_DISCONNECTED"):
        await page_opener("http://portal.example/")


async def test_the_browser_reaches_loopback(page_opener: PageOpener) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # nobody listens: refused by this machine, so it was reached
        with pytest.raises(Error, match="ERR_CONNECTION_REFUSED"):
            await page_opener(f"http://127.0.0.1:{closed.getsockname()[1]}/")
