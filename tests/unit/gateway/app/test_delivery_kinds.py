"""Outlets: each kind of delivery says how dispatches leave the gateway."""

from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.adapters.push import HttpAgencySystem
from gateway.app.delivery_kinds import OUTLETS, ClientFactory
from gateway.config import AgencySettings
from gateway.domain.delivery import Delivery
from gateway.errors import Misconfigured
from gateway.settings_file import load_settings
from schemas.signing import Link, Suite, Window, new_key
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
