"""Why an address or a file of TLS is unfit, in Chinese."""

from types import MappingProxyType
from typing import Final

from schemas.reasons.reason_texts import ReasonText, ReasonTexts
from transport.reasons import TransportReason

_CA: Final = "请指定证书颁发机构证书的 PEM 文件"
_PAIR: Final = "请指定同一张证书（含证书链）及其私钥的 PEM 文件"

TRANSPORT_REASON_TEXTS: Final[ReasonTexts] = MappingProxyType(
    {
        TransportReason.CA_UNREADABLE: ReasonText("无法读取：{said}", _CA),
        TransportReason.CA_NOT_PEM: ReasonText("文件中没有 PEM 格式的证书", _CA),
        TransportReason.KEY_ENCRYPTED: ReasonText(
            "私钥设有口令，启动时无人输入", "请改用未加密的私钥文件，权限设为 0600"
        ),
        TransportReason.PAIR_UNREADABLE: ReasonText(
            "无法读取 {certificate} 或 {key}：{said}", _PAIR
        ),
        TransportReason.NO_PAIR: ReasonText(
            "{certificate} 与 {key} 不是 PEM 格式的证书及其私钥", _PAIR
        ),
        TransportReason.KEY_OPEN_TO_OTHERS: ReasonText(
            "权限 {mode} 使本机其他用户可以读取私钥", "请对该文件执行 chmod 600"
        ),
        TransportReason.NO_PATH: ReasonText("路径为空、过长或含控制字符", "请写明一个文件"),
        TransportReason.HALF_A_PAIR: ReasonText(
            "client_certificate_file 与 client_key_file 只设置了一项", "请同时设置两项"
        ),
        TransportReason.IN_USE: ReasonText(
            "无法监听 {address}：{said}", "请停止占用它的程序，或改用其他地址"
        ),
        TransportReason.NOT_OURS: ReasonText("无法监听 {address}：{said}", "请改用本机已有的地址"),
        TransportReason.NOT_ALLOWED: ReasonText(
            "无法监听 {address}：{said}", "请改用当前用户可以使用的端口或路径"
        ),
        TransportReason.NO_FOLDER: ReasonText("无法监听 {address}：{said}", "请先建立文件夹"),
        TransportReason.CANNOT_LISTEN: ReasonText("无法监听 {address}：{said}", "请改用其他地址"),
        TransportReason.NO_ADDRESS: ReasonText(
            "须为主机加端口", "请写作 127.0.0.1:8080 或 [::1]:8080"
        ),
        TransportReason.PORT: ReasonText("端口大于 {last}", "请改为 1 至 {last} 的端口"),
        TransportReason.HOST: ReasonText("主机不是 IP 地址或主机名", "请改正主机部分"),
        TransportReason.NO_SOCKET: ReasonText(
            "unix: 之后须为套接字的路径", "请写作 unix:console.sock"
        ),
        TransportReason.SOCKET_TOO_LONG: ReasonText(
            "套接字的路径超过 {bytes} 字节", "请改用较短的路径"
        ),
    }
)
