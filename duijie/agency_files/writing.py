"""写出机构清单文件: the columns that are read, so that what is read again is the same."""

from pathlib import Path

from duijie.agency_files.columns import COLUMNS
from duijie.agency_files.csv_file import write_csv
from duijie.agency_files.reading import WORKBOOK
from duijie.agency_files.rows import row_of
from duijie.agency_files.workbook import write_workbook
from gateway.domain.listed_agencies import DirectoryContent
from portable.files import create
from schemas.reference.codes import CodeTables


def write_agency_file(path: Path, content: DirectoryContent) -> None:
    """Write a content as CSV or, by the name of the file, as a workbook; nobody else may read it.

    Of several agencies of one division the first says who is responsible for it.

    Raises:
        CliError: What writes workbooks is not installed.
        OSError: The file cannot be written, or is there already.
    """
    tables = CodeTables.load()
    officers = {one.division: one for one in content.responsible}
    rows = [[column.heading for column in COLUMNS]]
    rows += [row_of(one, officers.pop(one.division, None), tables) for one in content.agencies]
    is_workbook = path.suffix.lower() == WORKBOOK
    written = write_workbook(rows) if is_workbook else write_csv(rows)
    with open(create(path), "wb") as file:  # noqa: PTH123 -- of a descriptor
        file.write(written)
