"""金水区 with each kind of database in turn; its gateway has a ledger of either kind."""

import pytest

from gateway.ports.store import Store
from tests.integration.exchange_tables.office import TableOffice
from tests.integration.flows.desk import Desk
from tests.support.agency_databases import AgencyTestDatabase
from tests.support.clock import SettableClock


@pytest.fixture
def office(store: Store, clock: SettableClock, agency_database: AgencyTestDatabase) -> TableOffice:
    """Give an agency with empty tables, and a gateway with an empty ledger."""
    return TableOffice(agency_database, Desk(store, clock))
