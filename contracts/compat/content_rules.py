"""Comparing the content vectors: what two versions of the contract call the same message."""

from collections.abc import Iterator

from contracts.compat.changes import ChangeRule, ContractChange, Impact
from contracts.publish.content_vectors import ContentVectorFile


def compare_contents(file: str, old: bytes, new: bytes) -> Iterator[ContractChange]:
    """Yield the records whose content has another digest: a repeat would become a conflict."""
    was = {(one.record, one.received): one.digest for one in ContentVectorFile.read(old).vectors}
    for place, one in enumerate(ContentVectorFile.read(new).vectors):
        if was.get((one.record, one.received), one.digest) != one.digest:
            where = f"/vectors/{place}/digest"
            yield ContractChange(ChangeRule.DIGEST, file, where, Impact.BOTH, {"name": one.name})
