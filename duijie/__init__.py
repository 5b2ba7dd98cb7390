"""命令行: the front door over gateway, simulator and contract."""
