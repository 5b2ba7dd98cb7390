"""规则: what a gateway decides by, with the agency directory that its ledger has."""

from datetime import date, datetime

from duijie.ledger_reader import LedgerReader
from gateway.app.directory_import import use_directories
from gateway.app.rules import read_rules, settings_directories
from gateway.config import Settings
from gateway.domain.dated_rules import DatedRules
from gateway.domain.directory import AgencyDirectory
from gateway.domain.directory_version import directory_of
from schemas.reference.clock import beijing_date, utc_now


async def ledger_rules(
    settings: Settings, ledger: LedgerReader, *, since: date | None = None
) -> DatedRules:
    """Return the rules of a gateway from `since`, today by default, as its ledger has them.

    Raises:
        Misconfigured: A table, a profile or the directory cannot be read.
    """
    directories = settings_directories(settings)
    day = since or beijing_date(utc_now())
    rules = await read_rules(settings, ledger, since=day, directories=directories)
    await use_directories(directories, store=ledger, now=utc_now)
    return rules


async def directory_at(settings: Settings, ledger: LedgerReader, at: datetime) -> AgencyDirectory:
    """Return the directory that was in force at an instant; without versions the settings' own.

    Raises:
        DirectoryUnreadable: The version of then is not as it was written.
    """
    directories = settings_directories(settings)
    version = await ledger.read(lambda views: views.directory(views.directory_at(at)))
    if version is None:
        return directories.of_settings
    return directory_of(version, beijing_date(at), directories.connections)
