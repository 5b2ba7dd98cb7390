"""模拟经办机构: stand-in agencies that take dispatches, decide, and hand results in."""
