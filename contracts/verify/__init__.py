"""验证: checking messages against what is published, not against the models."""
