"""性能: the figures of the project, each beside a limit measured in the same run."""
