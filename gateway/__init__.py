"""省级网关: takes applications over, hands them to agencies, returns what was decided."""
