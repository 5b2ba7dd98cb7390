"""接口约定 1.0 as it was released: what a party that knows nothing later sends and takes."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from contracts.verify.schema_validator import SchemaValidator
from tests.support.tree import ROOT

RELEASED: Final = ROOT / "contracts" / "released" / "1.0.0"
EXAMPLES: Final = RELEASED / "examples"


@dataclass(frozen=True, slots=True)
class Operation10:
    """One operation of 1.0; `request` and `answer` name records, the former empty for a GET."""

    side: str
    name: str
    method: str
    path: str
    request: str
    answer: str
    built: bool

    def is_at(self, method: str, path: str) -> bool:
        """Say whether a call is one of this operation."""
        shape = re.sub(r"\{[a-z]+\}", "[^/?]+", self.path)
        return method == self.method and re.fullmatch(shape, path) is not None


@cache
def operations() -> tuple[Operation10, ...]:
    """Return every operation that 1.0 has."""
    return tuple(_operations())


@cache
def validator() -> SchemaValidator:
    """Return the schemas of 1.0."""
    return SchemaValidator.load(RELEASED / "jsonschema")


def operation_at(side: str, method: str, path: str) -> Operation10 | None:
    """Return what 1.0 has at a path, None where it has nothing."""
    return next((one for one in operations() if one.side == side and one.is_at(method, path)), None)


def faults_of_request(side: str, method: str, path: str, body: bytes) -> list[str]:
    """Return why a server of 1.0 would refuse a request."""
    operation = operation_at(side, method, path)
    if operation is None:
        return [f"1.0 has nothing at {method} {path}"]
    return _faults(operation.request, body) if operation.request else []


def faults_of_answer(side: str, method: str, path: str, status: int, body: bytes) -> list[str]:
    """Return why a caller of 1.0 would not take an answer."""
    operation = operation_at(side, method, path)
    if operation is None:
        return [f"1.0 has nothing at {method} {path}"]
    return _faults(operation.answer if status == 200 else "problem", body)


def examples(record: str) -> list[bytes]:
    """Return the valid examples of a record as they were released."""
    return [path.read_bytes() for path in sorted((EXAMPLES / record).glob("valid-*.json"))]


def _faults(record: str, body: bytes) -> list[str]:
    return [f"{record}{one.pointer} {one.rule}" for one in validator().check(record, body)]


def _operations() -> Iterator[Operation10]:
    for side in ("national", "province", "agency"):
        document = json.loads((RELEASED / "openapi" / f"{side}.json").read_bytes())
        for path, item in document["paths"].items():
            for method, one in item.items():
                yield Operation10(
                    side,
                    one["operationId"],
                    method.upper(),
                    path,
                    _record(one.get("requestBody", {})),
                    _record(one["responses"]["200"]),
                    one["x-duijie"]["built"],
                )


def _record(part: Mapping[str, Any]) -> str:
    """Return the record that a part of an operation bears, by the name of its file."""
    content = part.get("content", {})
    if not content:
        return ""
    name = content["application/json"]["schema"]["$ref"].rpartition("/")[2]
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()
