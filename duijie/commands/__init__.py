"""命令: one module for each command, imported when the command is called."""
