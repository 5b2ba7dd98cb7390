"""Settings for code generators: the English name of each member that bears an indicator code."""

from collections.abc import Mapping
from typing import Final

from contracts.catalogue.fields import catalogue

GENERATORS: Final = "generators"
_JAVA: Final = "openapi-generator-java"


def generator_settings() -> Mapping[str, Mapping[str, object]]:
    """Return the settings files by name, in the form in which each tool reads them."""
    return {
        "datamodel-code-generator": names() | _exceptions(),
        _JAVA: {
            "generatorName": "java",
            "library": "native",
            "nameMappings": {wire: _camel(name) for wire, name in names().items()},
            "additionalProperties": {"hideGenerationTimestamp": True, "openApiNullable": False},
        },
    }


def names() -> dict[str, str]:
    """Return the English name by the name on the wire; the longer one where records differ."""
    found: dict[str, str] = {}
    for row in catalogue():
        if row.indicator:
            found[row.member] = max(found.get(row.member, ""), row.name, key=len)
    return dict(sorted(found.items()))


def _exceptions() -> dict[str, str]:
    """Return what a record calls differently from others, by record and member."""
    general = names()
    return {
        f"{row.record}.{row.member}": row.name
        for row in catalogue()
        if row.indicator and row.name != general[row.member]
    }


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)
