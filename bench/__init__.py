"""性能: figures of the project, each with the limit measured beside it."""
