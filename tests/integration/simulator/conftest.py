"""Fixtures: a running simulator with two provinces docked."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.simulator.docking import Docked, docked


@pytest.fixture
async def here(tmp_path: Path, anyio_backend: str) -> AsyncIterator[Docked]:
    """One simulator on free ports, with Henan and Hunan docked."""
    async with docked(tmp_path) as running:
        yield running
