"""Every server of the contract, live and called with its true keys; what one answered, compared."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import aiohttp

from schemas.signing import Suite
from tests.contract.docking_set import a_docking_set, a_national_side
from tests.support.signing_client import SigningClient
from tests.support.stack import Connection

NATIONAL, PROVINCE, AGENCY, OPERATOR = "national", "province", "agency", "operator"
ROOTS: Final = {
    NATIONAL: "/national/v1",
    PROVINCE: "/agency/v1",
    AGENCY: "",
    OPERATOR: "/operator/v1",
}


@asynccontextmanager
async def all_sides(folder: Path) -> AsyncIterator[Mapping[str, SigningClient]]:
    """Run a national side, a gateway and an agency; give a client of each by its document."""
    for name in ("alone", "whole"):
        (folder / name).mkdir()
    async with (
        a_national_side(folder / "alone") as (_, up),
        a_docking_set(folder / "whole", Suite.HMAC_SHA256) as here,
        aiohttp.ClientSession(auto_decompress=False) as session,
    ):
        called = {
            NATIONAL: up,
            PROVINCE: here.agency,
            AGENCY: here.pushed,
            OPERATOR: here.operators,
        }
        yield {name: _client(one, session) for name, one in called.items()}


def _client(connection: Connection, session: aiohttp.ClientSession) -> SigningClient:
    return SigningClient(connection.base, connection.of_caller(), session)
