"""选择版本: which version of the agency directory a command is about, and which day of it."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import click

from duijie.errors import FAILED, CliError
from duijie.ledger_reader import LedgerReader
from gateway.domain.directory_version import DirectoryVersion
from gateway.domain.listed_agencies import DirectoryContent
from schemas.reference.clock import BEIJING, beijing_date, utc_now


@dataclass(frozen=True, slots=True)
class DirectoryChoice:
    """A version by its number, or the one in force on a Beijing date; neither: now."""

    number: int | None = None
    day: date | None = None

    @classmethod
    def of(cls, number: int | None, day: datetime | None) -> "DirectoryChoice":
        """Return what the options `--version` and `--at` say."""
        if number is not None and day is not None:
            raise click.UsageError("--version 与 --at 只能写一个")
        return cls(number, None if day is None else day.date())

    def content(self, version: DirectoryVersion) -> DirectoryContent:
        """Return the agencies that are asked for: of a version all, of a day those listed then."""
        if self.number is not None:
            return version.content
        day = self.day or beijing_date(utc_now())
        agencies = tuple(version.content.listed_on(day))
        divisions = {one.division for one in agencies}
        officers = (one for one in version.content.responsible if one.division in divisions)
        return DirectoryContent(agencies, tuple(officers))


async def choose_version(ledger: LedgerReader, choice: DirectoryChoice) -> DirectoryVersion:
    """Return the version that is asked for.

    Raises:
        CliError: There is none.
        DirectoryUnreadable: It is not as it was written.
    """
    if choice.number is not None:
        number = choice.number
        found = await ledger.read(lambda views: views.directory(number))
    else:
        at = utc_now() if choice.day is None else _end_of(choice.day)
        found = await ledger.read(lambda views: views.directory(views.directory_at(at)))
    if found is None:
        cure = "duijie gateway agencies versions 列出所有版本；网关首次启动时由设置文件生成版本 1"
        raise CliError("没有这样的机构清单版本", "台账中没有此版本，或该日尚无版本", cure, FAILED)
    return found


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), BEIJING) - timedelta(microseconds=1)
