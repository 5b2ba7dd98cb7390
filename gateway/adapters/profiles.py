"""省份配置文件: reading `provinces/*.yaml`; a new province is one file."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from gateway.domain.province import Allowance, GroundRule, Province
from gateway.errors import Misconfigured
from gateway.setting_reasons import SettingReason
from schemas.reasons.quotations import Quotation, quote_decoding, quote_system, quote_yaml
from schemas.reasons.settings_file_reasons import Location, validation_reasons

SHIPPED: Final = Path(__file__).parent.parent / "provinces"
_Text = Annotated[str, Field(min_length=1, max_length=100)]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class _AllowanceRecord(_Record):
    working_days: Annotated[int, Field(ge=0, le=30)]
    source: _Text


_Allowances = Annotated[Mapping[str, _AllowanceRecord], Field(min_length=1)]
_DivisionCode = Annotated[str, Field(pattern=r"^([0-9]{6}|[0-9]{9})$")]


class _GroundRecord(_Record):
    verified_by: Annotated[list[_Text], Field(min_length=1)]
    automatic: bool = False
    source: _Text


class _ProvinceRecord(_Record):
    division: Annotated[str, Field(pattern=r"^[0-9]{2}0000$")]
    name: _Text
    default_policy: _Text
    queue_name: _Text
    grounds: Mapping[str, _GroundRecord] = Field(default_factory=dict)
    accepts_anywhere: bool = False
    division_allowances: Mapping[_DivisionCode, _Allowances] = Field(default_factory=dict)
    allowances: _Allowances


def load_province(division: str, path: Path | None = None) -> Province:
    """Return the profile of the province `division`, shipped or from the operator's own `path`.

    Raises:
        Misconfigured: No such file, not YAML 1.2, a member twice, missing, unknown or unfit.
    """
    source = path or SHIPPED / f"{division}.yaml"
    record = _read(source)
    if record.division != division:
        reason = SettingReason.PROFILE_DIVISION.at(source, found=record.division, wanted=division)
        raise Misconfigured(reason)
    if record.default_policy not in record.allowances:
        reason = SettingReason.PROFILE_POLICY.at(source, policy=record.default_policy)
        raise Misconfigured(reason)
    unruled = {policy for own in record.division_allowances.values() for policy in own}
    for policy in sorted(unruled - set(record.allowances)):
        raise Misconfigured(SettingReason.PROFILE_POLICY_UNRULED.at(source, policy=policy))
    return Province(
        division=record.division,
        name=record.name,
        allowances=_allowances(record.allowances),
        default_policy=record.default_policy,
        queue_name=record.queue_name,
        grounds=MappingProxyType({code: _ground(one) for code, one in record.grounds.items()}),
        accepts_anywhere=record.accepts_anywhere,
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


def _ground(record: _GroundRecord) -> GroundRule:
    return GroundRule(frozenset(record.verified_by), record.automatic, record.source)


def _read(source: Path) -> _ProvinceRecord:
    try:
        tree = YAML(typ="safe", pure=True).load(source.read_text(encoding="utf-8"))
    except FileNotFoundError:
        shipped = tuple(sorted(path.stem for path in SHIPPED.glob("*.yaml")))
        raise Misconfigured(SettingReason.PROFILE_MISSING.at(source, shipped=shipped)) from None
    except (OSError, UnicodeDecodeError, YAMLError) as exc:
        raise Misconfigured(SettingReason.PROFILE_NOT_YAML.at(source, said=_said(exc))) from exc
    try:
        return _ProvinceRecord.model_validate(tree)
    except ValidationError as exc:
        known = validation_reasons(exc, _names_beside)
        raise Misconfigured(*(reason.within(source) for reason in known)) from None


def _names_beside(location: Location) -> list[str]:
    table = _ProvinceRecord if len(location) == 1 else _AllowanceRecord
    return list(table.model_fields)


def _said(exc: OSError | UnicodeDecodeError | YAMLError) -> Quotation:
    match exc:
        case OSError():
            return quote_system(exc)
        case UnicodeDecodeError():
            return quote_decoding(exc)
        case _:
            return quote_yaml(exc)
