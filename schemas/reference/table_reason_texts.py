"""Why a table is refused, in Chinese."""

from types import MappingProxyType
from typing import Final

from schemas.reasons.reason_texts import ReasonText, ReasonTexts
from schemas.reference.table_reasons import TableReason

_CORRECT: Final = "请按原因改正该文件"

TABLE_REASON_TEXTS: Final[ReasonTexts] = MappingProxyType(
    {
        TableReason.AT_LINE: ReasonText(
            "{file} 第 {line} 行：{fault}", "请改正该文件；程序自带的文件请勿改动，应重新安装"
        ),
        TableReason.UNREADABLE: ReasonText("无法读取：{said}", "请核对路径、权限和文件内容"),
        TableReason.HEADER: ReasonText("首行须为 {columns}", _CORRECT),
        TableReason.CELLS: ReasonText("该行有 {found} 格，须为 {wanted} 格", _CORRECT),
        TableReason.DATE: ReasonText("{cell} 不是日期", "请写作 2026-01-31"),
        TableReason.SHIPPED: ReasonText(
            "{said}", "请重新安装程序；仍然如此的，请附上此信息报告问题"
        ),
        TableReason.NO_FOLDER: ReasonText("不是文件夹", "请指定存放 YYYY.csv 的文件夹"),
        TableReason.FILE_NAME: ReasonText(
            "工作日历的文件名须为年份加 .csv", "请改名为 2027.csv 这样的文件名"
        ),
        TableReason.DAY: ReasonText("没有日期、日期重复，或不是该年的日期", _CORRECT),
        TableReason.KIND: ReasonText("{cell} 不是 off（放假）或 work（调休上班）", _CORRECT),
        TableReason.NO_DAYS: ReasonText(
            "没有任何日期，而每年都有放假安排", "请按国务院办公厅的放假通知补充"
        ),
    }
)
