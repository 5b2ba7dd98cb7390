"""测试支撑: a real PostgreSQL, a real browser, and no network beyond this machine."""
