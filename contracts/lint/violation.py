"""What the linter reports: a rule, a place, and what is wrong there as a code with parameters."""

from dataclasses import dataclass

from contracts.publish.json_walk import Place
from schemas.reasons.reason import Reason, ReasonCode


class LintCode(ReasonCode):
    """The closed list of what can be wrong with the published files."""

    MISSING = "missing", "missing; run duijie contract export"
    NOT_AS_EXPORTED = "not-as-exported", "not as exported; run duijie contract export"
    HASHES = "hashes", "hashes do not fit the files"
    NOT_JSON = "not-json", "{said}"
    NO_OBJECT = "no-object", "not an object"
    NO_SCHEMA = "no-schema", "not a JSON Schema 2020-12"
    RECORD_NAME = "record-name", "does not name the record"
    YAML_WORD = "yaml-word", "YAML 1.1 misreads «{name}»"
    OPEN_OBJECT = "open-object", "object takes unknown members"
    NO_TABLE = "no-table", "no code table {table}"
    NO_RECORD = "no-record", "no record {record}"
    REFUSED = "refused", "refused by {rule}"
    TAKEN = "taken", "taken by its schema"
    NO_ENTRY = "no-entry", "no entry in {file}"
    NO_EXAMPLE = "no-example", "no example"
    EXAMPLE_GONE = "example-gone", "no such example"
    UNKNOWN_CODE = "unknown-code", "a code that errors.csv does not have"
    NO_VECTORS = "no-vectors", "not a file of content vectors"
    NO_RECORD_OF = "no-record-of", "{name}: no record {record}, or not one"
    OTHER_FORM = "other-form", "{name}: another canonical form"
    OTHER_DIGEST = "other-digest", "{name}: not the digest of its canonical form"
    NOT_THE_SAME = "not-the-same", "{name}: not the same as {other}"
    OPENAPI_VERSION = "openapi-version", "not OpenAPI 3.1.0"
    WEBHOOKS = "webhooks", "everything stands under paths"
    DEAD_REFERENCE = "dead-reference", "{reference} leads nowhere inside the document"
    OPERATION_ID = "operation-id", "operationId is missing or stands twice"
    NO_SUCCESS = "no-success", "no answer of success"
    NO_ANSWER = "no-answer", "no answer {statuses}"
    PARAMETERS = "parameters", "path and its parameters differ"
    REGEX_NOT_ASCII = "regex-not-ascii", "characters beyond ASCII"
    REGEX_ANCHORS = "regex-anchors", "not anchored at both ends"
    REGEX_DIALECTS = "regex-dialects", "{part} differs between dialects"
    REGEX_NOT_OPENED = "regex-not-opened", "a group that was never opened"
    REGEX_NOT_CLOSED = "regex-not-closed", "a group that is not closed"
    REGEX_SET = "regex-set", "a class that is a set in some dialects"
    REGEX_EXTENSION = (
        "regex-extension",
        "look-around, a lazy or possessive count, or another extension",
    )
    REGEX_COUNT = "regex-count", "more than {maximum} times"


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing wrong with the published files: which rule, in which file, where inside it."""

    rule: str
    file: str
    place: Place
    said: Reason

    def __str__(self) -> str:
        return f"{self.file}{self.place}: {self.rule}: {self.said}"
