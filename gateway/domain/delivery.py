"""送达方式: how dispatches reach an agency's system."""

from enum import StrEnum


class Delivery(StrEnum):
    """送达方式: what the gateway does with a dispatch of an agency."""

    PUSH = "push"  # 推送: the gateway calls the agency's system
    FETCH = "fetch"  # 拉取: the agency's system calls the gateway
