"""演示: everything behind `duijie up`: settings, programs, progress and its display."""
