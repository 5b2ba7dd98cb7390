"""Why a file of settings is refused (设置有误), as values; no value of a setting is repeated."""

import difflib
from collections.abc import Callable, Collection, Iterator

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from schemas.reasons.quotations import (
    Quotation,
    quote_decoding,
    quote_pydantic,
    quote_system,
    quote_toml,
)
from schemas.reasons.reason import Reason, ReasonCode, ReasonedError

Location = tuple[int | str, ...]


class SettingsFileReason(ReasonCode):
    """The closed list: what is wrong with a file of settings, or with one of them."""

    NO_FILE = "settings.no-file", "no such file; «duijie up» writes one to start from"
    UNREADABLE = "settings.unreadable", "cannot be read: {said}"
    NOT_TOML = "settings.not-toml", "cannot be read as TOML: {said}"
    MISSING_ONE = "settings.missing-one", "1 setting is missing: {name}"
    MISSING = "settings.missing", "{count} settings are missing: {names}"
    MISSPELT = "settings.misspelt", "unknown setting {name}; did you mean {near}?"
    UNKNOWN = "settings.unknown", "unknown setting {name}; known are {known}"
    VARIABLE_MISSPELT = (
        "settings.variable-misspelt",
        "unknown setting {name} (in the environment); did you mean {near}?",
    )
    VARIABLE_UNKNOWN = (
        "settings.variable-unknown",
        "unknown setting {name} (in the environment); known are {known}",
    )
    BROKEN_RULE = "settings.broken-rule", "{said}"


def toml_reason(exc: OSError | ValueError) -> Reason:
    """Return why a file could not be read as TOML."""
    match exc:
        case FileNotFoundError():
            return SettingsFileReason.NO_FILE.at()
        case OSError():
            return SettingsFileReason.UNREADABLE.at(said=quote_system(exc))
        case UnicodeDecodeError():
            return SettingsFileReason.NOT_TOML.at(said=quote_decoding(exc))
        case _:
            return SettingsFileReason.NOT_TOML.at(said=quote_toml(exc))


def validation_reasons(
    exc: ValidationError, known_beside: Callable[[Location], Collection[str]]
) -> Iterator[Reason]:
    """Yield what is wrong with settings: all that is missing in one reason, then one a fault.

    `known_beside` returns the names that there are in the table of an unknown one.
    """
    errors = exc.errors(include_url=False, include_input=False)
    missing = [_dotted(error["loc"]) for error in errors if error["type"] == "missing"]
    if len(missing) == 1:
        yield SettingsFileReason.MISSING_ONE.at(name=missing[0])
    elif missing:
        yield SettingsFileReason.MISSING.at(count=len(missing), names=tuple(missing))
    for error in errors:
        if error["type"] == "extra_forbidden":
            yield unknown_setting(
                _dotted(error["loc"]), error["loc"][-1], known_beside(error["loc"])
            )
        elif error["type"] != "missing":
            yield from _broken_rules(error)


def unknown_setting(where: str, name: int | str, known: Collection[str]) -> Reason:
    """Return that there is no such setting, and the name that may have been meant."""
    if near := _nearest(name, known):
        return SettingsFileReason.MISSPELT.at(name=where, near=near)
    return SettingsFileReason.UNKNOWN.at(name=where, known=tuple(sorted(known)))


def unknown_variable(variable: str, name: int | str, known: Collection[str]) -> Reason:
    """Return that a variable of the environment names no setting."""
    if near := _nearest(name, known):
        return SettingsFileReason.VARIABLE_MISSPELT.at(name=variable, near=near)
    return SettingsFileReason.VARIABLE_UNKNOWN.at(name=variable, known=tuple(sorted(known)))


def _nearest(name: int | str, known: Collection[str]) -> str:
    return next(iter(difflib.get_close_matches(str(name), known, n=1, cutoff=0.5)), "")


def _broken_rules(error: ErrorDetails) -> Iterator[Reason]:
    context = error.get("ctx", {})
    raised = context.get("error")
    where = (_dotted(error["loc"]),) if error["loc"] else ()
    if isinstance(raised, ReasonedError):
        yield from raised.reasons_within(*where)
    else:
        yield SettingsFileReason.BROKEN_RULE.at(*where, said=_quoted(error))


def _quoted(error: ErrorDetails) -> Quotation:
    said = error["msg"].removeprefix("Value error, ")
    return quote_pydantic(error["type"], said, error.get("ctx", {}))


def _dotted(location: Location) -> str:
    return ".".join(map(str, location))
