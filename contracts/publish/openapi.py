"""OpenAPI 3.1: one document for each side that serves, written from operations and records."""

from collections.abc import Mapping, Sequence
from functools import cache
from http import HTTPStatus
from types import MappingProxyType
from typing import Final, TypeAlias

from contracts.catalogue.errors_csv import errors
from contracts.catalogue.operation_types import OURS, Operation, Parameter, Profile, Side
from contracts.catalogue.operations import served_by, statuses_of
from contracts.catalogue.receipt_rules import receipts_of
from contracts.catalogue.records import RECORDS
from contracts.catalogue.signed_answers import SIGNED_ANSWERS
from contracts.publish.generated_code import rules_out_of_sight
from contracts.publish.openapi_words import (
    DESCRIPTIONS,
    SECURITY,
    SECURITY_SCHEMES,
    SERVERS,
    TAGS,
    TITLES,
)
from contracts.publish.record_schemas import DIALECT, described_schema
from schemas.records.version import CONTRACT_VERSION
from schemas.reference.code_rows import Certainty

Json: TypeAlias = dict[str, object]

_JSON: Final = "application/json"
_PROBLEM: Final = "application/problem+json"
_RETRY: Final = frozenset({429, 503})
_DEFS: Final = "#/$defs/"
_COMPONENTS: Final = "#/components/schemas/"


def openapi(side: Side) -> Json:
    """Return the document of one side: self-contained, all under `paths`."""
    operations = served_by(side)
    paths: dict[str, Json] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": DIALECT,
        "info": _info(side),
        "servers": [dict(server) for server in SERVERS[side]],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "security": [dict(one) for one in SECURITY],
        "paths": paths,
        "components": {
            "schemas": _schemas(operations),
            "headers": _headers(),
            "responses": _refusals(operations),
            "securitySchemes": {name: dict(one) for name, one in SECURITY_SCHEMES.items()},
        },
    }


def _info(side: Side) -> Json:
    return {
        "title": TITLES[side],
        "version": CONTRACT_VERSION,
        "description": DESCRIPTIONS[side],
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    }


def _operation(operation: Operation) -> Json:
    written: Json = {
        "operationId": operation.name,
        "tags": [operation.caller],
        "summary": f"{operation.title_zh} / {operation.title_en}",
        "description": _described(operation),
        "x-duijie": {
            "profile": operation.profile.value,
            "source": operation.source,
            "certainty": operation.certainty.value,
            "built": True,
        },
        "responses": {"200": _answer(operation.answer)}
        | {
            str(status): {"$ref": f"#/components/responses/{_name(status)}"}
            for status in statuses_of(operation)
        },
    }
    if operation.parameters:
        written["parameters"] = [_parameter(one) for one in operation.parameters]
    if operation.request:
        written["requestBody"] = {
            "required": True,
            "content": {_JSON: {"schema": _reference(operation.request)}},
        }
    return written


def _described(operation: Operation) -> str:
    profile = {Profile.CORE: "核心", Profile.EXTENDED: "扩展"}[operation.profile]
    receipts_zh, receipts_en = _receipts(operation)
    return (
        f"{operation.title_zh}（{profile}）。来源：{operation.source}。{receipts_zh}\n\n"
        f"{operation.title_en} ({operation.profile}). Source: {operation.source}.{receipts_en}"
    )


def _receipts(operation: Operation) -> tuple[str, str]:
    """Say in both languages what the receipts of an operation are for."""
    rules = receipts_of(operation)
    zh = (
        f"回执 {one.kind}：键为{one.key_zh}，版次为{one.revision_zh}，摘要所指为{one.content_zh}。"
        for one in rules
    )
    en = (
        f" Receipt {one.kind}: key {one.key_en}, revision {one.revision_en},"
        f" digest of {one.content_en}."
        for one in rules
    )
    return "".join(zh), "".join(en)


def _parameter(parameter: Parameter) -> Json:
    shape: Json
    if parameter.pattern:
        shape = {"type": "string", "pattern": parameter.pattern}
    else:
        shape = {"type": "integer", "minimum": parameter.minimum, "maximum": parameter.maximum}
    if parameter.default is not None:
        shape["default"] = parameter.default
    return {
        "name": parameter.name,
        "in": parameter.where,
        "required": parameter.where == "path",
        "description": f"{parameter.text_zh}。{parameter.text_en}.",
        "schema": shape,
        "x-duijie": {"source": OURS, "certainty": Certainty.ASSUMED.value},
    }


def _answer(record: str) -> Json:
    return {
        "description": f"成功。Done.{_signed_words(200)}",
        "headers": _header_references(_HEADERS),
        "content": {_JSON: {"schema": _reference(record)}},
        "x-duijie": {"signed": SIGNED_ANSWERS[200].signed.value},
    }


def _refusals(operations: Sequence[Operation]) -> Json:
    statuses = sorted({status for one in operations for status in statuses_of(one)})
    return {_name(status): _refusal(status) for status in statuses}


def _refusal(status: int) -> Json:
    codes = [f"`{row.code}` {row.title}" for row in errors().values() if row.status == status]
    names = [*_HEADERS, *(["Retry-After"] if status in _RETRY else [])]
    said = f"{HTTPStatus(status).phrase}：{'；'.join(codes)}"
    return {
        "description": f"{said}。{_signed_words(status)}",
        "headers": _header_references(names),
        "content": {_PROBLEM: {"schema": _reference("problem")}},
        "x-duijie": {"signed": SIGNED_ANSWERS[status].signed.value},
    }


def _signed_words(status: int) -> str:
    return f"{SIGNED_ANSWERS[status].text_zh} {SIGNED_ANSWERS[status].text_en}"


_HEADERS: Final = (
    *("Duijie-Contract", "traceparent"),
    *("Content-Digest", "Signature-Input", "Signature"),
)
_HEADER_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Content-Digest": "正文摘要（RFC 9530）。Digest of the body as sent.",
        "Duijie-Contract": "接口约定版本。Version of the contract.",
        "Retry-After": "重试之前的等待时间，单位秒。Seconds to wait.",
        "Signature": "签名（RFC 9421）。The signature.",
        "Signature-Input": "签名覆盖的内容与参数（RFC 9421）。What the signature covers.",
        "traceparent": "W3C 跟踪上下文，已认证的方有。W3C trace context, if authenticated.",
    }
)


def _headers() -> Json:
    return {
        name: {"description": text, "schema": {"type": "string"}}
        for name, text in _HEADER_WORDS.items()
    }


def _header_references(names: Sequence[str]) -> Json:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _name(status: int) -> str:
    return HTTPStatus(status).name.title().replace("_", "")


def _reference(record: str) -> Json:
    return {"$ref": f"{_COMPONENTS}{RECORDS[record].__name__}"}


def _schemas(operations: Sequence[Operation]) -> Json:
    wanted = {operation.answer for operation in operations} | {"problem"}
    wanted |= {operation.request for operation in operations if operation.request}
    found: Json = {}
    for record in sorted(wanted):
        found |= _parts(record)
    return dict(sorted(found.items()))


@cache
def _parts(record: str) -> Json:
    """Return a record and what it consists of, each under its own name."""
    whole = described_schema(record, RECORDS[record])
    parts = whole.pop("$defs", {})
    for member in ("$schema", "$id"):
        whole.pop(member)
    named = {**parts, RECORDS[record].__name__: whole}
    return {name: _moved(rules_out_of_sight(part)) for name, part in named.items()}


def _moved(value: object) -> object:
    """Return a schema whose references lead to the document's components."""
    if isinstance(value, Mapping):
        return {name: _moved(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_moved(part) for part in value]
    if isinstance(value, str) and value.startswith(_DEFS):
        return _COMPONENTS + value.removeprefix(_DEFS)
    return value
