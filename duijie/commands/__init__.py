"""命令: one module a command, imported only when it is called."""
