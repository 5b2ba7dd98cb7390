"""省份配置文件: reading `provinces/*.yaml`; a new province is one file."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import Field

from gateway.adapters.forms import NATIONAL as NATIONAL_FORM
from gateway.adapters.forms import load_form
from gateway.adapters.rule_sets import GroundRulesRecord, load_ground_rules
from gateway.adapters.yaml_records import Code, Text, YamlRecord, read_yaml
from gateway.domain.province import Allowance, Channel, Material, Province, Queue
from gateway.errors import Misconfigured
from gateway.profile_reasons import ProfileReason
from schemas.reasons.reason import Reason
from schemas.records.base import line
from schemas.reference.codes import CodeTables

SHIPPED: Final = Path(__file__).parent.parent / "provinces"
TEMPLATE: Final = SHIPPED / "template.yaml"
"""What a new province begins with: the national rules, each key explained."""


_LONGEST_RULE: Final = 60
"""It goes with every dispatch, together with the days, as `due_rule`."""


class _SourceRecord(YamlRecord):
    source: Text


class _AllowanceRecord(YamlRecord):
    working_days: Annotated[int, Field(ge=0, le=30)]
    source: Annotated[str, line(_LONGEST_RULE)]


_Allowances = Annotated[Mapping[Code, _AllowanceRecord], Field(min_length=1)]
_DivisionCode = Annotated[str, Field(pattern=r"^([0-9]{6}|[0-9]{9})$")]


class _QueueRecord(_SourceRecord):
    name: Text
    module: Text | None = None


class _QueuesRecord(YamlRecord):
    forwarded: _QueueRecord
    local: _QueueRecord | None = None


class _MaterialRecord(_SourceRecord):
    name: Text


class _MaterialsRecord(YamlRecord):
    asked: list[_MaterialRecord] = Field(default_factory=list)
    never: list[_MaterialRecord] = Field(default_factory=list)


class _ChannelRecord(_SourceRecord):
    code: Code
    name: Text
    url: Annotated[str, Field(pattern=r"^https?://[!-~]{1,200}$")] | None = None
    label: Text | None = None


class _ProvinceRecord(YamlRecord):
    division: Annotated[str, Field(pattern=r"^[0-9]{2}0000$")]
    name: Text
    default_policy: Text
    queues: _QueuesRecord
    allowances: _Allowances
    division_allowances: Mapping[_DivisionCode, _Allowances] = Field(default_factory=dict)
    ground_rules: GroundRulesRecord = Field(default_factory=GroundRulesRecord)
    form: Text = NATIONAL_FORM
    materials: _MaterialsRecord = Field(default_factory=_MaterialsRecord)
    channels: list[_ChannelRecord] = Field(default_factory=list)
    accepts_anywhere: _SourceRecord | None = None


def load_province(division: str, path: Path | None = None) -> Province:
    """Return the profile of the province `division`, shipped or from the operator's own `path`.

    Raises:
        Misconfigured: No such file, or what `read_profile` raises; the division is another.
    """
    source = path or SHIPPED / f"{division}.yaml"
    province = read_profile(source)
    if province.division != division:
        reason = ProfileReason.DIVISION.at(source, found=province.division, wanted=division)
        raise Misconfigured(reason)
    return province


def read_profile(source: Path) -> Province:
    """Return the profile in a file, with the rules of grounds and the form that it names.

    Raises:
        Misconfigured: No such file, not YAML 1.2; a key that is missing, unknown or unfit, also in
            the files it names; a code that no table has: where in the file.
    """
    try:
        record = read_yaml(source, _ProvinceRecord)
    except FileNotFoundError:
        reason = ProfileReason.MISSING.at(source, shipped=shipped_provinces())
        raise Misconfigured(reason) from None
    faults = list(_faults(record))
    if faults:
        raise Misconfigured(*(one.within(source) for one in faults))
    try:
        return _province(record, source.parent)
    except Misconfigured as exc:
        raise Misconfigured(*exc.reasons_within(source)) from None


def shipped_provinces() -> tuple[str, ...]:
    """Return the divisions of the shipped profiles."""
    return tuple(sorted(one.stem for one in SHIPPED.glob("[0-9]*.yaml")))


def _province(record: _ProvinceRecord, beside: Path) -> Province:
    local = record.queues.local
    anywhere = record.accepts_anywhere
    return Province(
        division=record.division,
        name=record.name,
        allowances=_allowances(record.allowances),
        default_policy=record.default_policy,
        forwarded_queue=_queue(record.queues.forwarded),
        local_queue=None if local is None else _queue(local),
        ground_rules=load_ground_rules(record.ground_rules, beside),
        form=load_form(record.form, beside),
        materials=tuple(map(_material, record.materials.asked)),
        never_demanded=tuple(map(_material, record.materials.never)),
        channels=tuple(
            Channel(one.code, one.name, one.source, one.url, one.label) for one in record.channels
        ),
        anywhere=None if anywhere is None else anywhere.source,
        division_allowances=MappingProxyType(
            {code: _allowances(own) for code, own in record.division_allowances.items()}
        ),
    )


def _allowances(records: Mapping[str, _AllowanceRecord]) -> Mapping[str, Allowance]:
    return MappingProxyType(
        {
            policy: Allowance(policy, allowed.working_days, allowed.source)
            for policy, allowed in records.items()
        }
    )


def _faults(record: _ProvinceRecord) -> Iterator[Reason]:
    tables = CodeTables.load()
    if record.default_policy not in record.allowances:
        yield ProfileReason.POLICY.at("default_policy", policy=record.default_policy)
    for policy in record.allowances:
        if not tables.known("policy", policy):
            yield ProfileReason.UNKNOWN_CODE.at("allowances", table="policy", code=policy)
    unruled = {policy for own in record.division_allowances.values() for policy in own}
    for policy in sorted(unruled - set(record.allowances)):
        yield ProfileReason.POLICY_UNRULED.at("division_allowances", policy=policy)
    for place, channel in enumerate(record.channels):
        if not tables.known("channel", channel.code):
            yield ProfileReason.UNKNOWN_CODE.at(
                f"channels.{place}.code", table="channel", code=channel.code
            )


def _queue(record: _QueueRecord) -> Queue:
    return Queue(record.name, record.source, record.module)


def _material(record: _MaterialRecord) -> Material:
    return Material(record.name, record.source)
