"""Why a file of settings is refused, in Chinese."""

from types import MappingProxyType
from typing import Final

from schemas.reasons.reason_texts import ReasonText, ReasonTexts
from schemas.reasons.settings_file_reasons import SettingsFileReason

_CORRECT: Final = "请改正取值"

SETTINGS_FILE_REASON_TEXTS: Final[ReasonTexts] = MappingProxyType(
    {
        SettingsFileReason.NO_FILE: ReasonText(
            "设置文件不存在", "请核对 --config 的路径；duijie up 可生成一份可用的设置"
        ),
        SettingsFileReason.UNREADABLE: ReasonText("无法读取设置文件：{said}", "请核对路径与权限"),
        SettingsFileReason.NOT_TOML: ReasonText(
            "设置文件无法解析：{said}", "请改正该处：文本须加引号，文件须存为 UTF-8"
        ),
        SettingsFileReason.MISSING_ONE: ReasonText("缺少一项设置：{name}", "请补充该项设置"),
        SettingsFileReason.MISSING: ReasonText("缺少 {count} 项设置：{names}", "请补充这些设置"),
        SettingsFileReason.MISSPELT: ReasonText(
            "没有名为 {name} 的设置，最接近的是 {near}", "请改正名称或删去该项"
        ),
        SettingsFileReason.UNKNOWN: ReasonText(
            "没有名为 {name} 的设置，可用的有 {known}", "请改正名称或删去该项"
        ),
        SettingsFileReason.VARIABLE_MISSPELT: ReasonText(
            "环境变量 {name} 不对应任何设置，最接近的是 {near}", "请改正名称或取消该环境变量"
        ),
        SettingsFileReason.VARIABLE_UNKNOWN: ReasonText(
            "环境变量 {name} 不对应任何设置，可用的有 {known}", "请改正名称或取消该环境变量"
        ),
        SettingsFileReason.BROKEN_RULE: ReasonText("{said}", _CORRECT),
    }
)
