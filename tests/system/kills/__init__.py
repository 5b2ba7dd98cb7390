"""随处可杀: a gateway killed at every failpoint, and who finds out whether anything was lost."""
