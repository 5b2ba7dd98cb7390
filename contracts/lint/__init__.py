"""检查: whether the published files are valid, portable, complete and up to date."""
