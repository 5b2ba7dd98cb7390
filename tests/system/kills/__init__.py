"""随处可杀: a gateway killed at every named step, and who finds out whether anything was lost."""
