"""Whether the content vectors are true: the canonical form of each record, and its digest."""

from collections.abc import Iterator, Mapping
from typing import Final

from pydantic import ValidationError

from contracts.catalogue.records import RECORDS
from contracts.lint.violation import LintCode, Violation
from contracts.publish.content_vectors import ContentVector, ContentVectorFile
from schemas.reasons.reason import Reason
from schemas.records.canonical_form import bytes_digest, canonical_form

CONTENT: Final = "vectors/content.json"
_RULE: Final = "content"


def content_violations(files: Mapping[str, bytes]) -> Iterator[Violation]:
    """Yield what is wrong with the vectors; a contract without them has none that is wrong."""
    if CONTENT not in files:
        return
    try:
        vectors = ContentVectorFile.read(files[CONTENT]).vectors
    except ValidationError:
        yield Violation(_RULE, CONTENT, "", LintCode.NO_VECTORS.at())
        return
    digests = {one.name: one.digest for one in vectors}
    for place, one in enumerate(vectors):
        for wrong in _wrong(one, digests):
            yield Violation(_RULE, CONTENT, f"/vectors/{place}", wrong)


def _wrong(one: ContentVector, digests: Mapping[str, str]) -> Iterator[Reason]:
    try:
        canonical = canonical_form(RECORDS[one.record].read(one.received))
    except (KeyError, ValidationError):
        yield LintCode.NO_RECORD_OF.at(name=one.name, record=one.record)
        return
    if canonical != one.canonical.encode():
        yield LintCode.OTHER_FORM.at(name=one.name)
    if bytes_digest(one.canonical.encode()) != one.digest:
        yield LintCode.OTHER_DIGEST.at(name=one.name)
    if one.same_as is not None and digests.get(one.same_as) != one.digest:
        yield LintCode.NOT_THE_SAME.at(name=one.name, other=one.same_as)
