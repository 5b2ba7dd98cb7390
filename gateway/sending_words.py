"""报文用词: how sending a message went, and why it was not received, in Chinese."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from gateway.domain.detail import Detail
from gateway.domain.outbox_rules import REFUSED_AFTER_SILENCE, MessageKind
from gateway.errors import PeerRefused, PeerUnavailable
from gateway.failure_words import describe_failure
from gateway.ports.reports import SentMessage
from gateway.ports.unreadable import UnreadableCode
from gateway.ports.views import MessageView
from schemas.records.problem_texts import PROBLEM_TEXTS

MESSAGES: Final[Mapping[str, str]] = MappingProxyType(
    {
        MessageKind.DISPATCH: "分派单",
        MessageKind.REPORT: "审核结果",
        MessageKind.REGISTRATION: "本地受理登记",
        MessageKind.DEREGISTRATION: "失业登记注销",
        MessageKind.APPLICATION_RETURN: "退回部端",
    }
)
SENDING_ERRORS: Final[Mapping[str, str]] = MappingProxyType(
    {
        PeerUnavailable.code: "没有可用的响应",
        "peer.busy": "对方暂时繁忙",
        "receipt.not-believed": "对方的回执与所发报文不符",
        PeerRefused.code: "对方拒收，未使用接口约定中的代码",
        REFUSED_AFTER_SILENCE: "发送后无响应，再次发送被拒收，对方可能已收到",
        UnreadableCode.DAMAGED: "台账数据损坏",
        UnreadableCode.SEAL_BROKEN: "加密数据无法解密",
    }
)


def describe_sending(error: str | None) -> str | None:
    """Return why a message was not received, as a clerk reads it."""
    if not error:
        return None
    known = SENDING_ERRORS.get(error)
    if known is not None:
        return known
    if error in PROBLEM_TEXTS:
        return PROBLEM_TEXTS[error].title
    written = Detail.read(error)
    return (written and describe_failure(written)) or error


def describe_sending_state(message: MessageView | SentMessage) -> tuple[str, datetime]:
    """Return how far sending a message is, and since or until when."""
    if message.ended_at is not None:
        return ("已送达" if message.ended_as == "settled" else "已取消"), message.ended_at
    if message.parked_at is not None:
        return "被拒收，待人工处理", message.parked_at
    return "待发", message.due_at
