"""机构清单 of tests: agencies of Henan, contents, versions."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from gateway.domain.directory_version import DirectoryVersion
from gateway.domain.listed_agencies import DirectoryContent, ListedAgency, Responsible
from schemas.reference.divisions import DivisionTree
from tests.builders.records import JINSHUI, JIYUAN, MORNING

TODAY: Final = date(2026, 3, 2)
TREE: Final = DivisionTree.load()
PROVINCE: Final = "410000"
OFFICER: Final = "欧阳模拟"


def an_agency(code: str = JINSHUI, **changes: Any) -> ListedAgency:  # Any: fields by name
    """Return 金水区's agency, of the county level, with two accounts."""
    listed = ListedAgency(
        code=code,
        name="金水区公共就业服务中心",
        division="410105",
        address="郑州市金水区模拟路1号",
        telephone="0371-00000001",
        level="2",
        kind="1",
        parent=None,
        services=("失业登记", "职业介绍"),
        registers=True,
        accounts=2,
        valid_from=date(2026, 1, 1),
        valid_to=None,
    )
    return replace(listed, **changes)


def at_jiyuan(**changes: Any) -> ListedAgency:  # Any: fields by name
    """Return 济源市's agency, of the city level."""
    of_city = {"name": "济源市公共就业服务中心", "division": "419001", "level": "1"}
    return an_agency(JIYUAN, **{**of_city, **changes})


def responsible_for(division: str = "410105", **changes: str) -> Responsible:
    """Return who is responsible for 金水区."""
    return replace(Responsible(division, "金水区人社局就业科", OFFICER), **changes)


def a_content(
    *agencies: ListedAgency, responsible: tuple[Responsible, ...] = ()
) -> DirectoryContent:
    """Return a content in order: of both agencies where none is given."""
    return DirectoryContent(agencies or (an_agency(), at_jiyuan()), responsible).ordered(TREE)


def many_agencies(count: int) -> tuple[ListedAgency, ...]:
    """Return so many agencies of 金水区: one that registers, and others that do not."""
    others = [
        an_agency(f"A{number:05d}", name=f"第{number}服务站", registers=False, level="4")
        for number in range(1, count)
    ]
    return (an_agency(), *others)


def a_version(
    content: DirectoryContent | None = None,
    *,
    number: int = 1,
    made_at: datetime = MORNING,
    valid_from: date = TODAY,
) -> DirectoryVersion:
    """Return a version, in force from today."""
    return DirectoryVersion(
        number, made_at, valid_from, "operator:李敏", "更新电话", content or a_content()
    )
