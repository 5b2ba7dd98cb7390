"""The example clients dock by themselves: what they fetch and decide is back at the national side."""

import asyncio
import shutil
import sys
from pathlib import Path
from typing import Final

import pytest

from schemas.signing import Suite
from tests.contract.standing import JIYUAN, Connection, Standing, standing
from tests.support.needs import absent
from tests.support.tree import ROOT

FEEDS: Final = {"agency": "/agency/v1/dispatches", "province": "/national/v1/applications"}
WITHIN_S: Final = 60
ED25519, HMAC = Suite.ED25519, Suite.HMAC_SHA256


def program(language: str) -> list[str]:
    if language == "python":
        return [sys.executable, str(ROOT / "examples" / "python" / "client.py")]
    java = shutil.which("java") or absent("Java", "install a JDK, 17 or later")
    return [java, "-Dfile.encoding=UTF-8", str(ROOT / "examples" / "java" / "Client.java")]


async def docked(
    language: str, side: str, connection: Connection, *more: str
) -> tuple[int | None, str, str]:
    """Run a client to its end; return its exit code and what it said."""
    words = (
        *program(language),
        f"{connection.base}{FEEDS[side]}",
        str(connection.caller.private),
        str(connection.answerer.public),
        *more,
    )
    process = await asyncio.create_subprocess_exec(
        *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    said, faults = await asyncio.wait_for(process.communicate(), WITHIN_S)
    return process.returncode, said.decode(), faults.decode()


async def come_back(here: Standing, number: str) -> None:
    """Wait until the national side holds a result of the application."""
    async with asyncio.timeout(WITHIN_S):
        while not here.national.entry.book.find(number).effects:
            await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("language", "side", "suite"),
    [
        ("python", "agency", ED25519),
        ("python", "province", ED25519),
        ("java", "agency", ED25519),
        ("java", "province", HMAC),
    ],
)
async def test_an_example_client_docks(
    language: str, side: str, suite: Suite, tmp_path: Path
) -> None:
    async with standing(tmp_path, suite) as here:
        ...
