"""接口约定: what is published, exported from `schemas`, and what judges by it, over HTTP only."""
