"""注销规则集: reading `rule_sets/*.yaml`, and what a province changes in one."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import Field

from gateway.adapters.yaml_records import Code, Text, YamlRecord, named_file, read_yaml
from gateway.domain.ground_rules import Ground, GroundRules, GroundTrigger, GroundWay, NoticeDuty
from gateway.errors import Misconfigured
from gateway.profile_reasons import ProfileReason
from schemas.reasons.reason import Reason
from schemas.records.deregistrations import DEREGISTRATION_GROUND
from schemas.reference.codes import CodeTables

SHIPPED: Final = Path(__file__).parent.parent / "rule_sets"
NATIONAL: Final = "2020-3"
"""The set that counts for a province without rules of its own: 人社厅发〔2020〕3号 art. 5."""
_EDITION: Final = "2016"


class _WayRecord(YamlRecord):
    trigger: Annotated[GroundTrigger, Field(strict=False)]
    modes: Annotated[list[Code], Field(min_length=1)]
    verified_by: list[Code] = Field(default_factory=list)
    notice: Annotated[NoticeDuty, Field(strict=False)]


class _GroundRecord(YamlRecord):
    source: Text
    ways: Annotated[list[_WayRecord], Field(min_length=1)]


class _SetRecord(YamlRecord):
    name: Text
    source: Text
    grounds: Annotated[Mapping[Code, _GroundRecord], Field(min_length=1)]


class GroundRulesRecord(YamlRecord):
    """What a profile says of its grounds: the set, and what of it is its own, or out of use."""

    set: Text = NATIONAL
    source: Text | None = None
    own: Mapping[Code, _GroundRecord] = Field(default_factory=dict)
    off: Mapping[Code, Text] = Field(default_factory=dict)


def load_ground_rules(
    record: GroundRulesRecord | None = None, beside: Path = SHIPPED
) -> GroundRules:
    """Return the rules that a profile in the folder `beside` names; the national ones by default.

    Raises:
        Misconfigured: No such set, a code that no table has, or a notice that breaks the national
            rule: where in which file.
    """
    wanted = record or GroundRulesRecord()
    path = named_file(wanted.set, SHIPPED, beside)
    chosen = read_yaml(path, _SetRecord)
    faults = [one.within(path) for one in _faults(chosen.grounds, "grounds")]
    faults += _faults(wanted.own, "own")
    unused = [code for code in wanted.off if code not in chosen.grounds]
    faults += [ProfileReason.NO_SUCH_GROUND.at("off", ground=code) for code in unused]
    if faults:
        raise Misconfigured(*faults)
    kept = {code: one for code, one in chosen.grounds.items() if code not in wanted.off}
    grounds = {code: _ground(code, one, wanted.source) for code, one in kept.items()}
    grounds |= {code: _ground(code, one, None) for code, one in wanted.own.items()}
    return GroundRules(
        name=chosen.name,
        source=wanted.source or chosen.source,
        grounds=MappingProxyType(grounds),
        off=MappingProxyType(dict(wanted.off)),
    )


def _ground(code: str, record: _GroundRecord, source: str | None) -> Ground:
    ways = tuple(
        GroundWay(one.trigger, frozenset(one.modes), frozenset(one.verified_by), one.notice)
        for one in record.ways
    )
    return Ground(code, source or record.source, ways)


def _faults(grounds: Mapping[str, _GroundRecord], at: str) -> Iterator[Reason]:
    listed = DEREGISTRATION_GROUND.codes()
    for code, record in grounds.items():
        if code not in listed:
            yield ProfileReason.UNKNOWN_CODE.at(at, table="acc025", code=code)
            continue
        for place, way in enumerate(record.ways):
            yield from (one.within(f"{at}.{code}.ways.{place}") for one in _way_faults(code, way))


def _way_faults(ground: str, way: _WayRecord) -> Iterator[Reason]:
    tables = CodeTables.load()
    exempt = tables.notice_required(ground, _EDITION) is False
    if (way.notice is NoticeDuty.EXEMPT) != exempt:
        wanted = NoticeDuty.EXEMPT if exempt else NoticeDuty.DUE
        yield ProfileReason.NOTICE_DIFFERS.at(
            ground=ground, found=way.notice.value, wanted=wanted.value
        )
    named = (("deregistration-mode", way.modes), ("verification-mode", way.verified_by))
    for table, code in ((table, code) for table, codes in named for code in codes):
        if not tables.known(table, code):
            yield ProfileReason.UNKNOWN_CODE.at(table=table, code=code)
