"""Changes between two versions of an OpenAPI document, a code table, the error catalogue."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Final

from contracts.compat.changes import ContractChange, Impact
from contracts.publish.json_walk import JsonObject, is_object
from schemas.records.json_pointer import json_pointer

_EMPTY: Final[JsonObject] = {}
_METHODS: Final = ("get", "post", "put", "patch", "delete")


def compare_documents(file: str, old: JsonObject, new: JsonObject) -> Iterator[ContractChange]:
    """Yield what changed for those who call the side that this document is about."""
    was, now = _operations(old), _operations(new)
    for key in sorted({*was} - {*now}):
        yield ContractChange(
            "operation-removed", file, key, Impact.NARROWS, "callers find nothing here"
        )
    for key in sorted({*now} - {*was}):
        yield ContractChange("operation-added", file, key, Impact.NONE, "new; nobody calls it yet")
    if old.get("security") != new.get("security"):
        yield ContractChange(
            "security", file, "/security", Impact.BOTH, "proof of identity differs"
        )
    for key in sorted({*was} & {*now}):
        yield from _compare(file, key, was[key], now[key])


def compare_tables(file: str, old: bytes, new: bytes) -> Iterator[ContractChange]:
    """Yield which codes came and went; a name that reads differently is no change."""
    was, now = _codes(old), _codes(new)
    for code in sorted(was - now):
        yield ContractChange(
            "code-removed", file, f"/{code}", Impact.NARROWS, "known before, unknown now"
        )
    for code in sorted(now - was):
        yield ContractChange("code-added", file, f"/{code}", Impact.WIDENS, "older readers flag it")


def compare_errors(file: str, old: bytes, new: bytes) -> Iterator[ContractChange]:
    """Yield which error codes came, went or moved to another status; their words may change."""
    was, now = _statuses_of_errors(old), _statuses_of_errors(new)
    for code in sorted({*was} - {*now}):
        yield ContractChange(
            "error-removed", file, f"/{code}", Impact.NONE, "not answered any more"
        )
    for code in sorted({*now} - {*was}):
        yield ContractChange(
            "error-added", file, f"/{code}", Impact.WIDENS, "older callers do not know it"
        )
    for code in sorted({*was} & {*now}):
        if was[code] != now[code]:
            message = f"status {was[code]} → {now[code]}"
            yield ContractChange("error-status", file, f"/{code}", Impact.BOTH, message)


def _compare(file: str, key: str, old: JsonObject, new: JsonObject) -> Iterator[ContractChange]:
    if old.get("operationId") != new.get("operationId"):
        yield ContractChange("operation-id", file, key, Impact.BOTH, "generated clients change")
    if old.get("security") != new.get("security"):
        yield ContractChange("security", file, f"{key}/security", Impact.BOTH, "identity differs")
    yield from _statuses(file, key, old, new)
    yield from _parameters(file, key, old, new)
    for name in ("requestBody", "responses"):
        was, now = _content(old.get(name)), _content(new.get(name))
        if was != now:
            yield ContractChange("content", file, f"{key}/{name}", Impact.BOTH, f"{was} → {now}")


def _statuses(file: str, key: str, old: JsonObject, new: JsonObject) -> Iterator[ContractChange]:
    was, now = {*_object(old, "responses")}, {*_object(new, "responses")}
    for status in sorted(now - was):
        yield ContractChange(
            "status-added", file, f"{key}/{status}", Impact.WIDENS, "older callers do not know it"
        )
    for status in sorted(was - now):
        impact = Impact.BOTH if status.startswith("2") else Impact.NONE
        yield ContractChange(
            "status-removed", file, f"{key}/{status}", impact, "not answered any more"
        )


def _parameters(file: str, key: str, old: JsonObject, new: JsonObject) -> Iterator[ContractChange]:
    was, now = _named_parameters(old), _named_parameters(new)
    for name in sorted({*was} | {*now}):
        place = f"{key}/{name}"
        before, after = was.get(name), now.get(name)
        if before is None:
            must = (after or _EMPTY).get("required") is True
            impact = Impact.NARROWS if must else Impact.WIDENS
            yield ContractChange(
                "parameter-added", file, place, impact, "older sides do not know it"
            )
        elif after is None:
            yield ContractChange(
                "parameter-removed", file, place, Impact.NARROWS, "older callers send it"
            )
        elif (before.get("schema"), before.get("required")) != (
            after.get("schema"),
            after.get("required"),
        ):
            yield ContractChange("parameter", file, place, Impact.BOTH, "takes other values")


def _operations(document: JsonObject) -> Mapping[str, JsonObject]:
    return {
        json_pointer(["paths", path, method]): operation
        for path, item in _object(document, "paths").items()
        if is_object(item)
        for method, operation in item.items()
        if method in _METHODS and is_object(operation)
    }


def _named_parameters(operation: JsonObject) -> Mapping[str, JsonObject]:
    listed = operation.get("parameters")
    return {
        f"{one.get('in')}.{one.get('name')}": one
        for one in (listed if isinstance(listed, list) else [])
        if is_object(one)
    }


def _content(part: object) -> str:
    """Return the media types of a part and the record each bears; what is referenced is shared."""
    if not is_object(part):
        return "none"
    if "content" in part:
        return ", ".join(
            f"{media} {_object(body, 'schema').get('$ref')}"
            for media, body in sorted(_object(part, "content").items())
            if is_object(body)
        )
    return "; ".join(
        f"{status} {_content(answer)}"
        for status, answer in sorted(part.items())
        if status.startswith("2")
    )


def _object(value: JsonObject, name: str) -> JsonObject:
    found = value.get(name)
    return found if is_object(found) else _EMPTY


def _statuses_of_errors(content: bytes) -> Mapping[str, str]:
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    return {row["code"]: row["status"] for row in rows}


def _codes(content: bytes) -> frozenset[str]:
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    return frozenset(f"{row.get('generation') or ''}:{row['code']}".lstrip(":") for row in rows)
