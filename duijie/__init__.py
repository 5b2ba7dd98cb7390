"""命令行: the command line over gateway, simulator, contract and benchmarks."""
