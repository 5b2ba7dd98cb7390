"""系统错误: what the system refused, in Chinese; its own English sentences are not shown."""

import errno
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_CAUSES: Final[Mapping[int, str]] = MappingProxyType(
    {
        errno.ENOENT: "文件或文件夹不存在",
        errno.EACCES: "没有访问权限",
        errno.EPERM: "系统不允许此操作",
        errno.EISDIR: "此路径是文件夹，不是文件",
        errno.ENOTDIR: "路径中有一段不是文件夹",
        errno.EEXIST: "文件已存在",
        errno.EROFS: "文件系统只读",
        errno.ENOSPC: "磁盘空间不足",
        errno.EDQUOT: "超过磁盘配额",
        errno.EIO: "磁盘读写错误",
        errno.EMFILE: "打开的文件过多",
        errno.EADDRINUSE: "地址或端口已被占用",
        errno.EADDRNOTAVAIL: "本机没有此地址",
        errno.ECONNREFUSED: "对端拒绝连接",
        errno.ETIMEDOUT: "连接超时",
        errno.EHOSTUNREACH: "无法到达对端主机",
        errno.ENETUNREACH: "网络不可达",
    }
)


def system_cause(exc: OSError) -> str:
    """Return what went wrong; an error that is not in the list goes by its name."""
    if exc.errno is None:
        return "系统没有说明原因"
    return _CAUSES.get(exc.errno) or f"系统错误 {errno.errorcode.get(exc.errno, exc.errno)}"
