"""原因用词: why gateway or simulator refuse a setting, a key, a file or their store, in Chinese."""

from types import MappingProxyType
from typing import Final

from gateway.reason_words import REASON_TEXTS
from schemas.reasons.reason import ReasonedError
from schemas.reasons.reason_texts import DescribedError, ReasonTexts, describe_reasons
from simulator.setting_reason_texts import SIMULATOR_REASON_TEXTS

ALL_REASON_TEXTS: Final[ReasonTexts] = MappingProxyType({**REASON_TEXTS, **SIMULATOR_REASON_TEXTS})


def describe_reasoned(error: ReasonedError) -> DescribedError:
    """Return where it is, what is wrong, a line for each reason, and what to do."""
    return describe_reasons(error.reasons, ALL_REASON_TEXTS)
