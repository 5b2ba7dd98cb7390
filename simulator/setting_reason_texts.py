"""Why the simulator cannot start as it is configured, in Chinese."""

from types import MappingProxyType
from typing import Final

from schemas.reasons.reason_texts import ReasonText, ReasonTexts
from simulator.setting_reasons import SimulatorReason

SIMULATOR_REASON_TEXTS: Final[ReasonTexts] = MappingProxyType(
    {
        SimulatorReason.PUSH_AND_LISTEN: ReasonText(
            "delivery 为 push 时须有 listen，其他时候不得有",
            "请补充 listen、删去 listen 或改正 delivery",
        ),
        SimulatorReason.TABLES_AND_DELIVERY: ReasonText(
            "delivery 为 exchange_table 时须有 tables，其他时候不得有",
            "请补充 tables、删去 tables 或改正 delivery",
        ),
        SimulatorReason.TLS_WITHOUT_HTTPS: ReasonText(
            "设置了 tls，而 gateway 不以 https:// 开头", "请改正 gateway，或删去 tls"
        ),
        SimulatorReason.TLS_WITHOUT_LISTEN: ReasonText(
            "设置了 listen_tls，而没有 listen", "请同时设置两项，或都不设置"
        ),
        SimulatorReason.PINS_SHARED: ReasonText(
            "两个 province 使用同一公钥", "请为每个省份分别生成密钥"
        ),
        SimulatorReason.PINS_AND_CA: ReasonText(
            "client_pins 与 listen_tls.client_ca_file 只设置了一项", "请同时设置两项，或都不设置"
        ),
        SimulatorReason.DIVISION_TWICE: ReasonText(
            "两个 province 的 division 相同", "请改正 division，或删去重复的一段"
        ),
        SimulatorReason.CODE_TWICE: ReasonText(
            "两个 agency 的 code 相同", "请改正 code，或删去重复的一段"
        ),
        SimulatorReason.KEY_ID_SHARED: ReasonText(
            "两个省份使用同一密钥编号", "请为每个省份分别生成密钥，密钥编号不同"
        ),
        SimulatorReason.FOLDER: ReasonText("无法写入文件夹：{said}", "请改用可以写入的文件夹"),
        SimulatorReason.CONTROL_OPEN: ReasonText(
            "{host} 可由其他机器访问，而控制接口不验签名",
            "请改为 127.0.0.1；确需开放的，请设置 control_beyond_loopback = true",
        ),
    }
)
