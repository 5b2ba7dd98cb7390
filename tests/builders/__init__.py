"""测试数据: builders of valid objects; a test changes only what it is about."""
