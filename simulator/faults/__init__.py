"""故障注入: faults that a test arms through the control interface, one file a fault."""
