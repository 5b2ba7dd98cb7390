"""同类软件: the NHS MESH sandbox and its client, measured beside B3, in their own environment."""
