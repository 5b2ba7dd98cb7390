"""演示环境: what `duijie up` sets up and starts: keys, settings, ports, processes."""
