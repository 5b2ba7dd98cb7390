"""YAML 文件: files of rules read as closed records; what is wrong is said with its place."""

from pathlib import Path
from typing import Annotated, Final, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from gateway.errors import Misconfigured
from gateway.profile_reasons import ProfileReason
from schemas.reasons.quotations import Quotation, quote_decoding, quote_system, quote_yaml
from schemas.reasons.settings_file_reasons import Location, validation_reasons
from schemas.records.base import line

M = TypeVar("M", bound=BaseModel)
Text = Annotated[str, line(200)]
Code = Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,40}$")]
_SUFFIX: Final = ".yaml"


class YamlRecord(BaseModel):
    """A table of such a file: frozen, closed, and no text is taken for a number."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def read_yaml(source: Path, model: type[M]) -> M:
    """Return the record in a file.

    Raises:
        FileNotFoundError: There is no such file.
        Misconfigured: Not YAML 1.2, a key twice, missing, unknown or unfit: where in the file.
    """
    try:
        tree = YAML(typ="safe", pure=True).load(source.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise
    except (OSError, UnicodeDecodeError, YAMLError) as exc:
        raise Misconfigured(ProfileReason.NOT_YAML.at(source, said=_said(exc))) from exc
    try:
        return model.model_validate(tree)
    except ValidationError as exc:
        found = validation_reasons(exc, lambda location: _names_beside(model, location))
        raise Misconfigured(*(reason.within(source) for reason in found)) from None


def named_file(name: str, shipped: Path, beside: Path) -> Path:
    """Return the file that `name` means: one of the folder `shipped`, or a path from `beside`.

    Raises:
        Misconfigured: There is no such file.
    """
    own = name.endswith(_SUFFIX)
    path = beside / name if own else shipped / f"{name}{_SUFFIX}"
    if path.is_file():
        return path
    known = tuple(sorted(one.stem for one in shipped.glob(f"*{_SUFFIX}")))
    raise Misconfigured(ProfileReason.NO_SUCH_FILE.at(name=name, shipped=known))


def _names_beside(model: type[BaseModel], location: Location) -> list[str]:
    """Return the members of the record that the last part of a location stands in."""
    here = model
    for step in location[:-1]:
        field = here.model_fields.get(str(step))
        inner = None if field is None else _record_in(field.annotation)
        here = inner or here
    return list(here.model_fields)


def _record_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_record_in(one) for one in get_args(annotation))
    return next((one for one in found if one is not None), None)


def _said(exc: OSError | UnicodeDecodeError | YAMLError) -> Quotation:
    match exc:
        case OSError():
            return quote_system(exc)
        case UnicodeDecodeError():
            return quote_decoding(exc)
        case _:
            return quote_yaml(exc)
