"""机构清单文件: the agency directory as a table in a file, read and written."""
