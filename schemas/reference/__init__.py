"""对照数据: what records are checked against: codes, calendar, divisions, identity numbers."""
