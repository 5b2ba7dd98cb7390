"""Whether the published files are what exporting writes, and the lock over them is true."""

from collections.abc import Iterator, Mapping

from contracts.lint.violation import LintCode, Violation
from contracts.publish.export import LOCK, generated, lock_of


def publication_violations(files: Mapping[str, bytes]) -> Iterator[Violation]:
    """Yield the files that are missing or not as exported, and a lock that does not fit them."""
    for file, content in generated().items():
        if file not in files:
            yield Violation("published", file, "", LintCode.MISSING.at())
        elif files[file] != content:
            yield Violation("published", file, "", LintCode.NOT_AS_EXPORTED.at())
    if files.get(LOCK) != lock_of(files):
        yield Violation("lock", LOCK, "", LintCode.HASHES.at())
