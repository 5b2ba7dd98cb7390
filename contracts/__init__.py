"""契约: what is published, exported from `schemas`, and the verifier that judges by it, over HTTP only."""
