"""Why the gateway cannot start as it is configured, in Chinese."""

from types import MappingProxyType
from typing import Final

from gateway.setting_reasons import SettingReason
from schemas.reasons.reason_texts import ReasonText, ReasonTexts

_OWN_KEYS: Final = "请为每个连接、每一方、每种用途分别生成密钥"

SETTING_REASON_TEXTS: Final[ReasonTexts] = MappingProxyType(
    {
        SettingReason.LOOPBACK_ONLY: ReasonText(
            "须为本机回环地址或 unix: 加路径",
            "请写作 127.0.0.1:8082 或 unix:console.sock；其他机器请通过 SSH 隧道访问",
        ),
        SettingReason.NO_NUMBER: ReasonText("true 和 false 不是数值", "请写作数值"),
        SettingReason.TLS_WITHOUT_HTTPS: ReasonText(
            "设置了 tls，而 url 不以 https:// 开头", "请改正 url，或删去 tls"
        ),
        SettingReason.PUSH_AND_URL: ReasonText(
            "delivery 为 push 时须有 url，其他时候不得有", "请补充 url、删去 url 或改正 delivery"
        ),
        SettingReason.PUSH_WITHOUT_URL: ReasonText(
            "送达方式（delivery）为 {delivery} 时，须写明 url", "请补充 url"
        ),
        SettingReason.AUTHORITY: ReasonText("须为一个主机和端口", "请按调用方在地址中的写法填写"),
        SettingReason.CODE_TWICE: ReasonText(
            "两个 agency 或 operator 的 code 相同：{values}", "请改正 code，或删去重复的一段"
        ),
        SettingReason.DIVISION_TWICE: ReasonText(
            "两个 agency 的 division 相同：{values}", "请改正 division，或删去重复的一段"
        ),
        SettingReason.PINS_MISSING: ReasonText(
            "listen_tls.client_ca_file 要求客户端证书，而缺少 client_pins",
            "请将该经办机构证书的公钥写入 client_pins",
        ),
        SettingReason.PINS_WITHOUT_CA: ReasonText(
            "没有 listen_tls.client_ca_file，client_pins 不起作用", "请同时设置两项，或都不设置"
        ),
        SettingReason.PINS_SHARED: ReasonText("两个经办机构使用同一公钥", _OWN_KEYS),
        SettingReason.FILE_WITHOUT_STANDBY: ReasonText(
            "SQLite 台账没有备库", "请将 store 改为 PostgreSQL 数据库"
        ),
        SettingReason.SAME_PORT: ReasonText("{one} 与 {other} 使用同一端口", "请分别设置端口"),
        SettingReason.KEY_ID_SHARED: ReasonText("两个连接使用同一密钥编号", _OWN_KEYS),
        SettingReason.KEY_OF_THE_LEDGER: ReasonText("该密钥是台账密钥", _OWN_KEYS),
        SettingReason.SAME_KEY: ReasonText("与 {other} 是同一密钥", _OWN_KEYS),
        SettingReason.KEY_OF_OURS: ReasonText(
            "是本方自己的密钥（{other}）", "请向对方索取公钥；双方各自生成密钥"
        ),
        SettingReason.PUBLIC_KEY_ONLY: ReasonText("文件中只有公钥", "请指定本方的私钥文件"),
        SettingReason.OTHER_SUITE: ReasonText(
            "密钥的套件为 {suite}，而 crypto_profile 为 national，只能使用 {fit}",
            '请与对端商定并更换为国密套件的密钥，或设置 crypto_profile = "international"',
        ),
        SettingReason.LEDGER_KEYS_MISSING: ReasonText(
            "缺少第 {epoch} 代密钥，台账中有 {rows} 行须用它读取",
            "请从最近的备份中恢复台账密钥文件；移除密钥只能用 duijie gateway keys retire",
        ),
        SettingReason.AGENCY_ABSENT: ReasonText(
            "设置中没有该经办机构，而它有 {count} 件未办结（{cases}）",
            "请恢复其设置，division 不变，至办件全部办结（duijie gateway cases --agency 代码）；"
            "之后再为该区划设置新的经办机构",
        ),
        SettingReason.DIVISION_OUTSIDE: ReasonText(
            "行政区划 {division} 不在 {province} 之内", "请改正 division 或 province"
        ),
        SettingReason.DIVISION_ABOLISHED: ReasonText(
            "行政区划 {division} 已撤销，并入 {successor}", "请将 division 改为 {successor}"
        ),
        SettingReason.EDITION_UNREADABLE: ReasonText(
            "已启用的版本 {edition} 无法读取或使用",
            "请启用其他版本（duijie gateway tables adopt；程序自带的版本始终可用）",
        ),
        SettingReason.PROFILE_MISSING: ReasonText(
            "没有该省的配置文件；程序自带的有 {shipped}", "请仿照自带的编写一份，并写入 profile"
        ),
        SettingReason.PROFILE_NOT_YAML: ReasonText(
            "省份配置文件无法读取：{said}", "请改正该处；文件须存为 UTF-8"
        ),
        SettingReason.PROFILE_DIVISION: ReasonText(
            "省份配置文件的 division 为 {found}，而设置为 {wanted}", "请改正其中一处"
        ),
        SettingReason.PROFILE_POLICY: ReasonText(
            "default_policy 为 {policy}，而 allowances 中没有这一项", "请补充该项，或改正名称"
        ),
        SettingReason.NO_LEDGER: ReasonText(
            "台账文件不存在", "请核对 store；网关首次启动时建立该文件"
        ),
    }
)
