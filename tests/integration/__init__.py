"""整合测试: one real thing at a time."""
