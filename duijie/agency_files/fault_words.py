"""文件错误的说明: each fault of an agency file with its line, its column, the rule and the cure."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from duijie.agency_files.sheet import FileFault, FileFaultCode

_TEXTS: Final[Mapping[FileFaultCode, str]] = MappingProxyType(
    {
        FileFaultCode.TOO_LARGE: "文件过大；请仅保留机构清单（至多 10 MiB、20000 行）",
        FileFaultCode.NOT_TEXT: "不是 UTF-8 或 GB18030 编码的文本；请另存为 CSV（UTF-8）",
        FileFaultCode.NOT_CSV: "不是合法的 CSV，例如引号未闭合；请改正该行",
        FileFaultCode.NOT_WORKBOOK: "不是 Excel 工作簿，或已损坏、已加密；请另存为 .xlsx",
        FileFaultCode.SHEETS: "多个工作表都有清单标题（{sheets}）；请用 --sheet 指明一个",
        FileFaultCode.NO_SHEET: "没有此工作表；请从以下选择：{sheets}",
        FileFaultCode.NO_HEADINGS: "没有标题行；请保留机构代码、机构名称等列标题，每列一个单元格",
        FileFaultCode.NO_ROWS: "标题之下没有机构；请至少列出一家机构",
        FileFaultCode.HEADING_MISSING: "缺少此列；请补充列标题（不要与其他列合并单元格）",
        FileFaultCode.HEADING_TWICE: "此列出现两次；请删去一列",
        FileFaultCode.HEADING_UNKNOWN: "没有这样的列；请改正标题，或删去此列",
        FileFaultCode.CELLS_SURPLUS: "单元格多于标题；请核对此行的逗号或列",
        FileFaultCode.MISSING: "必填；请填写",
        FileFaultCode.NUMBER_FOR_TEXT: (
            "单元格是数值，开头的零或末尾的数字可能已丢失；请将单元格设为文本格式后重新填写"
        ),
        FileFaultCode.NOT_A_DAY: "不是日期；请写作 2026-07-01",
        FileFaultCode.NOT_WHOLE: "不是整数；请填写 0 或以上的整数",
        FileFaultCode.NOT_YES_NO: "只能是“是”或“否”；请改正",
        FileFaultCode.NOT_LISTED: "不在代码表中；请从以下选择：{values}",
        FileFaultCode.UNFIT: "{rule}",
        FileFaultCode.OFFICER_HALF: "责任单位和责任人须同时填写；请补充，或都不填写",
    }
)


def describe_fault(fault: FileFault) -> str:
    """Return a fault as whoever made the file reads it."""
    place = f"第 {fault.line} 行" if fault.line else "文件"
    column = f"“{fault.column}”" if fault.column else ""
    return f"{place}{column}：{_TEXTS[fault.code].format(**fault.params)}"
