"""契约: what is published, exported from `schemas`, and what judges by it, over HTTP only."""
