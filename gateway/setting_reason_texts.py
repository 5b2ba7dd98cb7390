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
        SettingReason.KEYS_MISSING: ReasonText(
            "送达方式为推送、拉取时，须有 key_file 和 our_key_file",
            "请补充双方的密钥文件；没有信息系统的机构，请将 delivery 改为 desk",
        ),
        SettingReason.KEYS_WITHOUT_MESSAGES: ReasonText(
            "delivery 为 {delivery} 时，key_file、our_key_file 和 client_pins 不起作用",
            "请删去这几项，或改正 delivery",
        ),
        SettingReason.TABLES_AND_DELIVERY: ReasonText(
            "delivery 为 exchange_table 时须有 tables，其他时候不得有",
            "请补充 [agency.tables]、删去该表或改正 delivery",
        ),
        SettingReason.TABLES_SCHEME: ReasonText(
            "前置库的地址须以 postgresql://、mysql:// 或 sqlite:/// 开头",
            "请改正 url；其他数据库尚未提供驱动",
        ),
        SettingReason.TABLES_URL: ReasonText(
            "前置库的地址须写明用户、主机和数据库，不得有其他内容",
            "请写作 postgresql://user@host/database 或 mysql://user@host/database，端口写在主机之后",
        ),
        SettingReason.TABLES_PASSWORD_IN_URL: ReasonText(
            "前置库的地址中写有口令", "请从 url 中删去，放入 password_file 指定的文件（权限 0600）"
        ),
        SettingReason.TABLES_PLAIN: ReasonText(
            "前置库在另一台机器上，而连接未使用 TLS",
            "请将其证书颁发机构写入 ca_file；网络本身已加密的，设置 allow_plain = true",
        ),
        SettingReason.TABLES_OF_A_FILE: ReasonText(
            "SQLite 文件没有 schema_name 和 password_file", "请删去这两项"
        ),
        SettingReason.TABLES_NO_PASSWORD: ReasonText(
            "口令文件为空，或不是 UTF-8 文本", "请在文件中写入口令，仅一行"
        ),
        SettingReason.TABLES_SHARED: ReasonText(
            "两个经办机构使用同样的三张表", "请分别设置 schema_name 或 prefix，或各用一个数据库"
        ),
        SettingReason.TABLES_NO_DRIVER: ReasonText(
            "未安装该数据库的驱动", "请执行 pip install 'duijie[{extra}]'"
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
            "请将该调用方证书的公钥写入 client_pins",
        ),
        SettingReason.PINS_WITHOUT_CA: ReasonText(
            "没有 listen_tls.client_ca_file，client_pins 不起作用", "请同时设置两项，或都不设置"
        ),
        SettingReason.PINS_SHARED: ReasonText("两个调用方使用同一公钥", _OWN_KEYS),
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
        SettingReason.DIRECTORY_UNREADABLE: ReasonText(
            "台账中的机构清单（版本 {version}）与写入时不一致",
            "请以备份恢复台账，并查明改动来源",
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
        SettingReason.NO_LEDGER: ReasonText(
            "台账文件不存在", "请核对 store；网关首次启动时建立该文件"
        ),
    }
)
