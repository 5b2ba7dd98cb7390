"""Outlets: each kind of delivery says how dispatches leave the gateway."""

from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.adapters.exchange_table.tables import AgencyTables
from gateway.adapters.push import HttpAgencySystem
from gateway.app.delivery_kinds import OUTLETS, ClientFactory
from gateway.config import AgencySettings
from gateway.domain.delivery import Delivery
from gateway.errors import Misconfigured
from gateway.settings_file import load_settings
from gateway.table_settings import TableSettings
from schemas.records.canonical_form import content_digest
from schemas.records.receipts import ItemStatus
from schemas.signing import Link, Suite, Window, new_key
from tests.builders.records import a_dispatch, dispatch_json
from tests.unit.gateway.settings_files import written

KEY = new_key("key-agency", Suite.HMAC_SHA256)
LINK = Link(KEY, KEY)


def an_agency(folder: Path, **changes: object) -> AgencySettings:
    """Return an agency that takes pushes, `changes` made unchecked."""
    return load_settings(written(folder)).agency[0].model_copy(update=changes)


def clients(closing: AsyncExitStack) -> ClientFactory:
    return ClientFactory(lambda: datetime.now(UTC), Window(), closing)


def test_every_kind_of_delivery_has_a_builder() -> None:
    assert set(OUTLETS) == set(Delivery)


async def test_an_agency_that_takes_pushes_is_sent_to(tmp_path: Path) -> None:
    async with AsyncExitStack() as closing:
        outlet = OUTLETS[Delivery.PUSH](an_agency(tmp_path), LINK, clients(closing))

        assert isinstance(outlet, HttpAgencySystem)


async def test_nothing_is_sent_to_an_agency_that_fetches(tmp_path: Path) -> None:
    agency = an_agency(tmp_path, delivery=Delivery.FETCH, url=None)
    async with AsyncExitStack() as closing:
        assert OUTLETS[Delivery.FETCH](agency, LINK, clients(closing)) is None


async def test_pushing_without_an_address_is_refused(tmp_path: Path) -> None:
    async with AsyncExitStack() as closing:
        with pytest.raises(Misconfigured, match="delivery push needs a url"):
            OUTLETS[Delivery.PUSH](an_agency(tmp_path, url=None), LINK, clients(closing))


async def test_an_agency_with_exchange_tables_has_them_for_an_outlet(tmp_path: Path) -> None:
    tables = TableSettings(url=f"sqlite:///{tmp_path}/agency.db")
    agency = an_agency(tmp_path, delivery=Delivery.EXCHANGE_TABLE, tables=tables)
    async with AsyncExitStack() as closing:
        outlet = OUTLETS[Delivery.EXCHANGE_TABLE](agency, None, clients(closing))

        assert isinstance(outlet, AgencyTables)


async def test_a_dispatch_to_an_agency_without_a_system_is_received_at_once(
    tmp_path: Path,
) -> None:
    agency = an_agency(tmp_path, delivery=Delivery.DESK)
    async with AsyncExitStack() as closing:
        outlet = OUTLETS[Delivery.DESK](agency, None, clients(closing))
        assert outlet is not None

        (result,) = await outlet.deliver([dispatch_json()])

    assert result.status is ItemStatus.ACCEPTED
    assert result.receipt is not None
    assert (result.receipt.kind, result.receipt.key) == ("dispatch", "D0-1")
    assert result.receipt.digest == content_digest(a_dispatch())
