"""送达方式: how dispatches reach an agency's system."""

from enum import StrEnum


class Delivery(StrEnum):
    """送达方式: what the gateway does with a dispatch of an agency."""

    PUSH = "push"  # 推送: the gateway calls the agency's system
    FETCH = "fetch"  # 拉取: the agency's system calls the gateway
    EXCHANGE_TABLE = "exchange_table"  # 前置库: rows in the agency's own database
    DESK = "desk"  # 工作台: it has no system; its clerks work from the gateway's list

    @property
    def is_signed(self) -> bool:
        """Whether messages are exchanged, which both sides sign: it needs keys."""
        return self in {Delivery.PUSH, Delivery.FETCH}
