"""控制接口: file, inject, withdraw, arm faults, look inside; not part of the contract."""
