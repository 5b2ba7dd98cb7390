"""Changes between two versions of an OpenAPI document, a code table, the error catalogue."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Final

from contracts.compat.changes import ChangeRule, ContractChange, Impact
from contracts.publish.json_walk import JsonObject, is_object
from schemas.records.json_pointer import json_pointer

_EMPTY: Final[JsonObject] = {}
_METHODS: Final = ("get", "post", "put", "patch", "delete")


def compare_documents(file: str, old: JsonObject, new: JsonObject) -> Iterator[ContractChange]:
    """Yield what changed for those who call the side that this document is about."""
    was, now = _operations(old), _operations(new)
    for key in sorted({*was} - {*now}):
        yield ContractChange(ChangeRule.OPERATION_REMOVED, file, key, Impact.NARROWS)
    for key in sorted({*now} - {*was}):
        yield ContractChange(ChangeRule.OPERATION_ADDED, file, key, Impact.NONE)
    if old.get("security") != new.get("security"):
        yield ContractChange(ChangeRule.SECURITY, file, "/security", Impact.BOTH)
    for key in sorted({*was} & {*now}):
        yield from _compare(file, key, was[key], now[key])


def compare_tables(file: str, old: bytes, new: bytes) -> Iterator[ContractChange]:
    """Yield which codes came and went; a name that reads differently is no change."""
    was, now = _codes(old), _codes(new)
    for code in sorted(was - now):
        yield ContractChange(ChangeRule.CODE_REMOVED, file, f"/{code}", Impact.NARROWS)
    for code in sorted(now - was):
        yield ContractChange(ChangeRule.CODE_ADDED, file, f"/{code}", Impact.WIDENS)


def compare_errors(file: str, old: bytes, new: bytes) -> Iterator[ContractChange]:
    """Yield which error codes came, went or moved to another status; their words may change."""
    was, now = _statuses_of_errors(old), _statuses_of_errors(new)
    for code in sorted({*was} - {*now}):
        yield ContractChange(ChangeRule.ERROR_REMOVED, file, f"/{code}", Impact.NONE)
    for code in sorted({*now} - {*was}):
        yield ContractChange(ChangeRule.ERROR_ADDED, file, f"/{code}", Impact.WIDENS)
    for code in sorted({*was} & {*now}):
        if was[code] != now[code]:
            statuses = {"was": was[code], "now": now[code]}
            yield ContractChange(ChangeRule.ERROR_STATUS, file, f"/{code}", Impact.BOTH, statuses)


def _compare(file: str, key: str, old: JsonObject, new: JsonObject) -> Iterator[ContractChange]:
    if old.get("operationId") != new.get("operationId"):
        yield ContractChange(ChangeRule.OPERATION_ID, file, key, Impact.BOTH)
    if old.get("security") != new.get("security"):
        yield ContractChange(ChangeRule.SECURITY, file, f"{key}/security", Impact.BOTH)
    yield from _statuses(file, key, old, new)
    yield from _parameters(file, key, old, new)
    for name in ("requestBody", "responses"):
        was, now = _content(old.get(name)), _content(new.get(name))
        if was != now:
            yield ContractChange(
                ChangeRule.CONTENT, file, f"{key}/{name}", Impact.BOTH, {"was": was, "now": now}
            )


def _statuses(file: str, key: str, old: JsonObject, new: JsonObject) -> Iterator[ContractChange]:
    was, now = {*_object(old, "responses")}, {*_object(new, "responses")}
    for status in sorted(now - was):
        yield ContractChange(ChangeRule.STATUS_ADDED, file, f"{key}/{status}", Impact.WIDENS)
    for status in sorted(was - now):
        impact = Impact.BOTH if status.startswith("2") else Impact.NONE
        yield ContractChange(ChangeRule.STATUS_REMOVED, file, f"{key}/{status}", impact)


def _parameters(file: str, key: str, old: JsonObject, new: JsonObject) -> Iterator[ContractChange]:
    was, now = _named_parameters(old), _named_parameters(new)
    for name in sorted({*was} | {*now}):
        place = f"{key}/{name}"
        before, after = was.get(name), now.get(name)
        if before is None:
            must = (after or _EMPTY).get("required") is True
            impact = Impact.NARROWS if must else Impact.WIDENS
            yield ContractChange(ChangeRule.PARAMETER_ADDED, file, place, impact)
        elif after is None:
            yield ContractChange(ChangeRule.PARAMETER_REMOVED, file, place, Impact.NARROWS)
        elif (before.get("schema"), before.get("required")) != (
            after.get("schema"),
            after.get("required"),
        ):
            yield ContractChange(ChangeRule.PARAMETER, file, place, Impact.BOTH)


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
        return "–"
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
