"""原因用词: why the gateway refuses a setting, a key, a file or its ledger, as people read it."""

from types import MappingProxyType
from typing import Final

from gateway.profile_reason_texts import PROFILE_REASON_TEXTS
from gateway.setting_reason_texts import SETTING_REASON_TEXTS
from schemas.reasons.reason import ReasonedError
from schemas.reasons.reason_texts import DescribedError, ReasonTexts, describe_reasons
from schemas.reasons.settings_file_reason_texts import SETTINGS_FILE_REASON_TEXTS
from schemas.reference.table_reason_texts import TABLE_REASON_TEXTS
from schemas.signing.key_reason_texts import KEY_REASON_TEXTS
from schemas.signing.peer_reason_texts import PEER_REASON_TEXTS
from storage.reason_texts import STORE_REASON_TEXTS
from transport.reason_texts import TRANSPORT_REASON_TEXTS

REASON_TEXTS: Final[ReasonTexts] = MappingProxyType(
    {
        **KEY_REASON_TEXTS,
        **PEER_REASON_TEXTS,
        **PROFILE_REASON_TEXTS,
        **SETTING_REASON_TEXTS,
        **SETTINGS_FILE_REASON_TEXTS,
        **STORE_REASON_TEXTS,
        **TABLE_REASON_TEXTS,
        **TRANSPORT_REASON_TEXTS,
    }
)


def describe_reasoned(error: ReasonedError, texts: ReasonTexts = REASON_TEXTS) -> DescribedError:
    """Return where it is, what is wrong, a line for each reason, and what to do."""
    return describe_reasons(error.reasons, texts)
