"""Why a key or a key file must not be used, in Chinese."""

from types import MappingProxyType
from typing import Final

from schemas.reasons.reason_texts import ReasonText, ReasonTexts
from schemas.signing.key_reasons import KeyReason

_KEY_FILE: Final = "请用 duijie up --only-keys 重新生成密钥文件，或请对方重新提供公钥文件"
_MEMBERS: Final = "请对照接口约定“签名附件”中密钥文件的写法改正"
_RANDOM: Final = "请用安全随机源重新生成密钥，并与对方更换"
_PUBLIC: Final = "请对方重新导出公钥，并核对导出的格式"
_PEM: Final = "请用 openssl 重新导出未加密的密钥或证书（PEM 格式），每个文件一个"
_PRIVATE: Final = "请配置本方的私钥文件"
_VALID: Final = "请在密钥文件中加入有效的密钥，核对 not_before、not_after、revoked 和本机时钟"
_OWNER: Final = "请用 chown 将其属主改为运行 duijie 的用户"

KEY_REASON_TEXTS: Final[ReasonTexts] = MappingProxyType(
    {
        KeyReason.SEVERAL_KEYS: ReasonText("文件中的密钥不止一个", "请每个文件只保留一个密钥"),
        KeyReason.NOT_JSON: ReasonText("密钥文件不是合法的 JSON", _KEY_FILE),
        KeyReason.NO_LIST: ReasonText("keys 不是由密钥组成的数组", _MEMBERS),
        KeyReason.NO_TEXTS: ReasonText("密钥不是由文本组成的 JSON 对象", _MEMBERS),
        KeyReason.MEMBERS: ReasonText(
            "须有 key_id、suite，以及 secret、private、public 三项之一，不得有其他项", _MEMBERS
        ),
        KeyReason.SUITE_UNKNOWN: ReasonText("suite 不是接口约定中的算法套件", _MEMBERS),
        KeyReason.NOT_BASE64: ReasonText("{member} 不是合法的 Base64", _KEY_FILE),
        KeyReason.VALIDITY: ReasonText(
            "not_before、not_after 须为带时区的时间，revoked 须为 true 或 false",
            "请写作 2026-01-31T08:00:00+08:00",
        ),
        KeyReason.NO_FILE: ReasonText("不是普通文件", "请指定一个密钥文件"),
        KeyReason.TOO_LARGE: ReasonText("文件大于 {bytes} 字节", "请核对是否为密钥文件"),
        KeyReason.UNREADABLE: ReasonText(
            "无法读取密钥文件：{said}", "请核对路径和权限，将密钥文件放到该路径"
        ),
        KeyReason.READABLE_TO_OTHERS: ReasonText(
            "权限 {mode} 使本机其他用户可以读取密钥",
            "请执行 chmod 600 {file}；如曾泄露，请更换密钥",
        ),
        KeyReason.WRITABLE_BY_OTHERS: ReasonText(
            "权限 {mode} 使本机其他用户可以改动密钥文件", "请执行 chmod 600 {file}"
        ),
        KeyReason.FOLDER_WRITABLE: ReasonText(
            "所在文件夹 {folder} 的权限 {mode} 使本机其他用户可以替换密钥文件",
            "请执行 chmod go-w {folder}",
        ),
        KeyReason.FILE_OF_ANOTHER_USER: ReasonText("密钥文件属于其他用户", _OWNER),
        KeyReason.FOLDER_OF_ANOTHER_USER: ReasonText("所在文件夹 {folder} 属于其他用户", _OWNER),
        KeyReason.EXAMPLE: ReasonText("该密钥印在标准文本中，已公开", "请生成自己的密钥"),
        KeyReason.ALL_ZERO: ReasonText("全为零", _RANDOM),
        KeyReason.REPEATED: ReasonText("同一段内容重复", _RANDOM),
        KeyReason.SEQUENCE: ReasonText("按规律递增", _RANDOM),
        KeyReason.FEW_BYTES: ReasonText("不同的字节过少", _RANDOM),
        KeyReason.WEAK: ReasonText("{part} 不是随机生成的：{rule}", _RANDOM),
        KeyReason.SECRET_TOO_SHORT: ReasonText("共享密钥少于 {bytes} 字节", _RANDOM),
        KeyReason.SECRET_TOO_LONG: ReasonText("共享密钥超过 {bytes} 字节", _RANDOM),
        KeyReason.NAME: ReasonText("名称须为 1 至 128 个可见字符", "请改正名称"),
        KeyReason.KEY_ID: ReasonText(
            "密钥编号须为 1 至 64 个字母、数字或 . _ : @ / -", "请改正 key_id，并与对方的登记一致"
        ),
        KeyReason.KIND: ReasonText("套件 {suite} 没有 {kind} 一类的密钥", _MEMBERS),
        KeyReason.NO_SIGNER_ID: ReasonText("套件 {suite} 不使用签名者 ID", "请删去 signer_id"),
        KeyReason.SIGNER_ID: ReasonText(
            "SM2 签名者 ID 须为 1 至 {bytes} 字节", "请改正 signer_id，并与对方一致"
        ),
        KeyReason.SIZE: ReasonText("套件 {suite} 的密钥须为 {bytes} 字节", _KEY_FILE),
        KeyReason.ED25519_UNSOUND: ReasonText("不是合格的 Ed25519 公钥", _PUBLIC),
        KeyReason.P256_SIZE: ReasonText("P-256 私钥须为 {bytes} 字节", _KEY_FILE),
        KeyReason.P256_NUMBER: ReasonText("不是合法的 P-256 私钥", _KEY_FILE),
        KeyReason.P256_FORM: ReasonText("P-256 公钥须为 65 字节（04‖X‖Y）", _PUBLIC),
        KeyReason.P256_OFF_CURVE: ReasonText("P-256 公钥不在曲线上", _PUBLIC),
        KeyReason.SM2_FORM: ReasonText("SM2 公钥须为 65 字节（04‖X‖Y）", _PUBLIC),
        KeyReason.SM2_OFF_CURVE: ReasonText("SM2 公钥不在曲线上", _PUBLIC),
        KeyReason.SM2_NUMBER: ReasonText("SM2 私钥须为 32 字节，取值为 1 至 n-2", _KEY_FILE),
        KeyReason.SM2_REFUSED: ReasonText("libcrypto 不接受该 SM2 密钥", _KEY_FILE),
        KeyReason.SM2_SIGNER_MISSING: ReasonText(
            "本机没有支持 SM2 的 OpenSSL libcrypto 3.0 以上版本，不能用 SM2 签名，仅能验签",
            "请安装 libcrypto（Debian：libssl3；RHEL：openssl-libs；Alpine：libcrypto3）后重启",
        ),
        KeyReason.HALVES_DIFFER: ReasonText("公钥与私钥不成对", _PEM),
        KeyReason.PUBLIC_ONLY: ReasonText("公钥不能用于签名", _PRIVATE),
        KeyReason.KEY_CANNOT_SIGN: ReasonText("密钥 {key_id} 不能用于签名", _PRIVATE),
        KeyReason.NOT_VALID: ReasonText("密钥 {key_id} 已到期、已停用或尚未生效", _VALID),
        KeyReason.NONE_VALID: ReasonText("密钥 {key_ids} 均已到期、已停用或尚未生效", _VALID),
        KeyReason.SET: ReasonText("没有密钥，或有两个密钥编号相同", "请给每个密钥不同的 key_id"),
        KeyReason.PEM_COUNT: ReasonText("须恰有一个未加密的密钥或证书", _PEM),
        KeyReason.PEM_KIND: ReasonText("不支持 {label} 一类的 PEM", _PEM),
        KeyReason.PEM_NOT_BASE64: ReasonText("PEM 的内容不是合法的 Base64", _PEM),
        KeyReason.DER_CUT_OFF: ReasonText("密钥被截断，或不是 DER 编码", _PEM),
        KeyReason.DER_LENGTH: ReasonText("密钥中的长度不符合 DER 编码", _PEM),
        KeyReason.DER_REST: ReasonText("密钥为空，或其后有多余内容", _PEM),
        KeyReason.DER_FORM: ReasonText("密钥的结构与 PEM 的类别不符", _PEM),
        KeyReason.DER_PART: ReasonText("密钥的结构不完整", _PEM),
        KeyReason.DER_ALGORITHM: ReasonText(
            "密钥不是 Ed25519、P-256 或 SM2（曲线须以名称给出）", _PEM
        ),
        KeyReason.DER_BITS: ReasonText("位串没有在字节边界结束", _PEM),
        KeyReason.DER_VERSION: ReasonText("PKCS#8 的版本未知", _PEM),
        KeyReason.DER_TWO_CURVES: ReasonText("同一密钥写有两条曲线", _PEM),
        KeyReason.DER_NO_CURVE: ReasonText("密钥没有写明曲线", _PEM),
        KeyReason.DER_NUMBER: ReasonText("不是 256 位的椭圆曲线私钥", _PEM),
        KeyReason.DER_CURVE: ReasonText("曲线不是 P-256 或 SM2", _PEM),
    }
)
