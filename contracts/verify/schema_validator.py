"""The schema validator (校验器): checks a message by the published schema alone, not the models."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import jsonschema_rs

from schemas.records.json_errors import Malformed
from schemas.records.json_pointer import json_pointer
from schemas.records.strict_json import parse

PUBLISHED: Final = Path(__file__).parent.parent / "v1" / "jsonschema"
_MAX_VIOLATIONS: Final = 20


@dataclass(frozen=True, slots=True)
class SchemaViolation:
    """One thing wrong: where in the message, and which rule of the schema says so.

    Both are JSON Pointers; neither shows a value. `rule` is empty when the bytes are not JSON.
    """

    pointer: str
    rule: str


class SchemaValidator:
    """Every published schema, given as JSON, compiled at its first use; formats are checked."""

    __slots__ = ("_schemas", "_validators")

    def __init__(self, schemas: Mapping[str, str]) -> None:
        self._schemas: Final = schemas
        self._validators: Final[dict[str, jsonschema_rs.Draft202012Validator]] = {}

    @classmethod
    def load(cls, folder: Path = PUBLISHED) -> Self:
        """Return a validator for the schemas in `folder`."""
        files = sorted(folder.glob("*.json"))
        return cls({path.stem: path.read_text("utf-8") for path in files})

    def check(self, record: str, body: bytes) -> tuple[SchemaViolation, ...]:
        """Return what is wrong with `body` as a `record`: nothing, or up to 20 violations.

        Raises:
            KeyError: No such record is published.
        """
        validator = self._validator(record)
        try:
            value = parse(body)
        except Malformed:
            return (SchemaViolation("", ""),)
        if validator.is_valid(value):
            return ()
        found = (
            SchemaViolation(json_pointer(error.instance_path), json_pointer(error.schema_path))
            for error in validator.iter_errors(value)
        )
        return tuple(violation for violation, _ in zip(found, range(_MAX_VIOLATIONS), strict=False))

    def _validator(self, record: str) -> jsonschema_rs.Draft202012Validator:
        validator = self._validators.get(record)
        if validator is None:
            schema = self._schemas[record]
            validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
            self._validators[record] = validator
        return validator
