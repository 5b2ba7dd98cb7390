"""What a person reads about a signature's or a key's error: title, cause and cure, in Chinese."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from schemas.signing.signature_errors import SignatureErrorCode


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a person reads about a code: title (标题), cause (原因), cure (处理办法)."""

    title: str
    cause: str
    cure: str


EXPLANATIONS: Final[Mapping[SignatureErrorCode, Explanation]] = MappingProxyType(
    {
        SignatureErrorCode.MISSING: Explanation(
            "报文没有签名",
            "缺少 Signature-Input 或 Signature 头",
            "请按接口约定页“签名”一节签名后重发；检查中间代理是否删除了这两个头",
        ),
        SignatureErrorCode.MALFORMED: Explanation(
            "签名头格式错误",
            "Signature-Input、Signature 或 Content-Digest 不是合法的结构化字段（RFC 8941），"
            "或 Base64 不规范、过长、含非法字符、标签重复",
            "请对照已知答案向量检查签名头的逐字节写法",
        ),
        SignatureErrorCode.WRONG_TAG: Explanation(
            "没有本接口约定的签名",
            '报文有签名，但没有一个带 tag="duijie-v1"，或 tag 写明的方向不是发往本方',
            '请在签名参数中加入 tag="duijie-v1"；双方约定写明方向的，按本方角色填写',
        ),
        SignatureErrorCode.AMBIGUOUS: Explanation(
            "本接口约定的签名不止一个",
            '有两个以上签名带 tag="duijie-v1"，无法确定以哪个为准',
            "请只保留一个；代理自身的签名须使用其他 tag",
        ),
        SignatureErrorCode.LABEL_MISMATCH: Explanation(
            "签名标签不对应",
            "Signature-Input 中的标签在 Signature 中不存在",
            "请在两个头中使用同一标签",
        ),
        SignatureErrorCode.PARAMETER_MISSING: Explanation(
            "缺少签名参数",
            "created、expires、nonce、keyid 中有缺项（响应只要求 created、keyid）",
            "请补齐参数后重新签名",
        ),
        SignatureErrorCode.PARAMETER_INVALID: Explanation(
            "签名参数不合法",
            "created、expires 须为非负整数秒且 expires 晚于 created；keyid、alg 等须为字符串",
            "请检查参数的类型与取值，时间不得写作小数、文本或毫秒",
        ),
        SignatureErrorCode.COMPONENT_MISSING: Explanation(
            "签名覆盖内容不全",
            "必须覆盖的组件没有列入签名，或列入的头不在报文中",
            "请在请求中覆盖 @method、@authority、@path、@query，有正文的加 content-type、"
            "content-digest；响应见接口约定页“签名”",
        ),
        SignatureErrorCode.COMPONENT_REPEATED: Explanation(
            "签名覆盖内容重复",
            "同一组件在签名中列出两次",
            "请每个组件只列一次",
        ),
        SignatureErrorCode.COMPONENT_UNKNOWN: Explanation(
            "签名覆盖了无法识别的内容",
            "列入本接口约定不支持的派生组件或参数（如 @target-uri、;sf、;bs）",
            "请只覆盖接口约定列出的组件和不带参数的普通头",
        ),
        SignatureErrorCode.NONCE_UNFIT: Explanation(
            "随机数不符合要求",
            "nonce 须为 22 至 128 个字符的 base64url 或十六进制文本（至少 16 字节随机数）",
            "请对每个请求用安全随机源生成 16 字节以上并编码，不带填充符",
        ),
        SignatureErrorCode.UNKNOWN_KEY: Explanation(
            "密钥编号未登记",
            "keyid 不是对方登记的密钥（区分大小写），或密钥已停用、尚未启用",
            "请核对双方登记的密钥编号及启用日期",
        ),
        SignatureErrorCode.ALGORITHM_MISMATCH: Explanation(
            "算法与密钥登记不符",
            "参数 alg 与该密钥登记的算法套件不同；算法由密钥登记决定，不由报文决定",
            "请将 alg 写作登记的套件，或省略",
        ),
        SignatureErrorCode.EXPIRED: Explanation(
            "签名已过期",
            "当前时间晚于 expires，或响应的 created 早于允许窗口",
            "请重新签名后再发，并检查双方时钟（NTP）",
        ),
        SignatureErrorCode.NOT_YET_VALID: Explanation(
            "签名时间在未来",
            "created 超前本机时间过多（默认 60 秒）",
            "请检查发送方时钟（NTP）；不得按对方时间改写 created",
        ),
        SignatureErrorCode.LIFETIME_TOO_LONG: Explanation(
            "签名有效期过长",
            "expires 减 created 超过允许窗口（默认 300 秒，可设 60 至 900 秒）",
            "请缩短有效期",
        ),
        SignatureErrorCode.DIGEST_MISSING: Explanation(
            "缺少所需的正文摘要",
            "Content-Digest 不存在，或没有该密钥套件要求的算法（sha-256 或 sm3）；"
            "md5、sha 等弱算法不予承认",
            "请按密钥套件对实际发送的字节计算摘要",
        ),
        SignatureErrorCode.DIGEST_MISMATCH: Explanation(
            "正文摘要不符",
            "收到的正文与 Content-Digest 不一致，正文或摘要被改动，或摘要按压缩前的内容计算",
            "请对实际发送的字节计算摘要；检查中间代理是否改写了正文",
        ),
        SignatureErrorCode.BODY_UNEXPECTED: Explanation(
            "正文与摘要的有无不一致",
            "没有正文而携带 Content-Digest，或 GET、HEAD 请求携带正文",
            "请仅在有正文时携带摘要；GET、HEAD 不得携带正文",
        ),
        SignatureErrorCode.MISMATCH: Explanation(
            "签名不符",
            "密钥不符，或签名之后方法、主机、路径、查询、被覆盖的头、参数有改动",
            "请逐行比较双方的签名基串（signature base），检查代理是否改写主机或路径",
        ),
        SignatureErrorCode.DER_ENCODED: Explanation(
            "签名值是 DER 编码",
            "ECDSA、SM2 的签名值须为 64 字节的 r‖s，各 32 字节大端；收到的为 DER（以 0x30 开头）",
            "请改用 r‖s 输出：JDK 使用 SHA256withECDSAinP1363Format，"
            "BouncyCastle 使用 PlainDSAEncoding；见 signing.md",
        ),
        SignatureErrorCode.QUERY_MARK_MISSING: Explanation(
            "@query 缺少问号",
            "签名基串中 @query 的值没有以 ? 开头；没有查询时也须写一个 ?，不得留空",
            '请写作：没有查询时 "@query": ?，有查询时 "@query": ?limit=1；其余各行正确',
        ),
        SignatureErrorCode.NOT_BOUND: Explanation(
            "响应未绑定本次请求",
            "响应的签名成立，但未覆盖本次请求的 signature，或属于另一请求的响应",
            '请在响应中覆盖 "signature";req，取所收请求的整个 Signature 头；'
            "检查代理是否缓存、调换响应",
        ),
        SignatureErrorCode.REPLAYED: Explanation(
            "报文重放",
            "同一密钥下该 nonce 已使用过",
            "请每次发送（包括重发）均使用新的 nonce 重新签名",
        ),
        SignatureErrorCode.KEY_TOO_SHORT: Explanation(
            "密钥过短",
            "共享密钥少于 32 字节（兼容方案少于 16 字节）",
            "请用安全随机源生成至少 32 字节",
        ),
        SignatureErrorCode.KEY_MALFORMED: Explanation(
            "密钥或密钥文件不合法",
            "密钥文件不是约定的 JSON 或 PEM、Base64 有误、套件未知、种类或长度与套件不符、"
            "私钥设有口令、公私钥不成对、公钥为弱点或不在曲线上",
            "请重新生成密钥文件，或请对方重新提供公钥",
        ),
        SignatureErrorCode.KEY_WEAK: Explanation(
            "密钥内容过于简单",
            "密钥不是随机生成的：全为零、同一段内容重复、按规律递增，或不同的字节过少",
            "请用安全随机源重新生成密钥，并与对方更换",
        ),
        SignatureErrorCode.KEY_EXAMPLE: Explanation(
            "示例密钥",
            "该密钥印在 RFC 9421 附录 B 或 GM/T 0003.5 附录 A，已公开",
            "请生成自己的密钥",
        ),
        SignatureErrorCode.KEY_SHARED: Explanation(
            "不同用途共用同一密钥",
            "两个连接使用同一密钥，双方使用同一对密钥，或台账密钥用于签名",
            "请为每个连接、每一方、每种用途分别生成密钥",
        ),
        SignatureErrorCode.KEY_NOT_VALID: Explanation(
            "没有有效的签名密钥",
            "本方密钥均已到期、已停用或尚未生效",
            "请在密钥文件中加入有效的密钥，并重新载入（SIGHUP）",
        ),
        SignatureErrorCode.KEY_CANNOT_SIGN: Explanation(
            "密钥不能用于签名",
            "只有公钥，没有私钥",
            "请配置本方的私钥文件",
        ),
        SignatureErrorCode.KEY_FILE_OPEN_TO_OTHERS: Explanation(
            "密钥文件他人可读写",
            "含私密内容的密钥文件对同组或其他用户开放读权限，或密钥文件、所在文件夹对其开放写权限，"
            "或属主是其他用户",
            "请对密钥文件执行 chmod 600，对所在文件夹执行 chmod go-w，并核对属主；"
            "如曾泄露，请更换密钥",
        ),
        SignatureErrorCode.KEY_SIGNER_UNAVAILABLE: Explanation(
            "本机不能使用 SM2 签名",
            "没有找到支持 SM2 的 OpenSSL libcrypto 3.0 以上版本；内置的纯 Python 实现仅用于验签",
            "请安装 libcrypto（Debian：libssl3；RHEL：openssl-libs；Alpine：libcrypto3）后重启",
        ),
    }
)
