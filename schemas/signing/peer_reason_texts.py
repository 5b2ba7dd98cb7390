"""Why the URL or the pin of a peer cannot be one, in Chinese."""

from types import MappingProxyType
from typing import Final

from schemas.reasons.reason_texts import ReasonText, ReasonTexts
from schemas.signing.peer_reasons import PeerReason

_FORM: Final = "请写作 https://主机[:端口][/路径]"

PEER_REASON_TEXTS: Final[ReasonTexts] = MappingProxyType(
    {
        PeerReason.TOO_LONG: ReasonText("地址超过 {characters} 个字符", "请改用较短的地址"),
        PeerReason.SCHEME: ReasonText("地址不以 http:// 或 https:// 开头", _FORM),
        PeerReason.NOT_ASCII: ReasonText(
            "地址含可见 ASCII 以外的字符", "请将这些字符改为百分号编码"
        ),
        PeerReason.CREDENTIALS: ReasonText(
            "地址中写有用户名或口令", "请删去；调用以密钥签名证明身份"
        ),
        PeerReason.QUERY: ReasonText("地址中有查询串或片段", "请写到路径为止"),
        PeerReason.PLAIN_HTTP: ReasonText(
            "以明文 http 连接其他机器，报文可在途中被读取",
            "请改用 https；网络本身已加密的，请设置 allow_plain_http = true",
        ),
        PeerReason.NO_HOST: ReasonText("缺少主机和端口", _FORM),
        PeerReason.NO_MACHINE: ReasonText("主机不是一台机器的地址", "请写明所连接的机器"),
        PeerReason.PORT: ReasonText("端口须为 1 至 65535", "请改正端口"),
        PeerReason.NO_IPV6: ReasonText("方括号内须为不带区域标识的 IPv6 地址", "请改正主机部分"),
        PeerReason.HOST: ReasonText(
            "主机不是域名或 IP 地址：域名各段为 1 至 63 个字母、数字或连字符",
            "请改正主机部分；中文域名请写作 xn-- 形式",
        ),
        PeerReason.NO_IPV4: ReasonText("主机形似 IPv4 地址而不是", "请写作四段数字"),
        PeerReason.EMPTY_SEGMENT: ReasonText("路径中有空段，或以斜杠结尾", "请删去多余的斜杠"),
        PeerReason.PATH: ReasonText(
            "路径发送时的写法会与签名时的不同",
            "请将字母、数字和 -._~!$&'()*+,;=:@ 以外的字符写作百分号编码（十六进制大写），"
            "其余字符不编码",
        ),
        PeerReason.DOT_SEGMENT: ReasonText("路径中有 . 或 .. 段", "请改为化简后的路径"),
        PeerReason.PIN: ReasonText(
            "不是证书公钥的摘要",
            "请写作 sha256/ 加证书公钥 SHA-256 的 Base64；duijie doctor 会列出对端的值",
        ),
    }
)
