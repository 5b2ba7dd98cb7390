"""验证: judging messages by what is published, not by the models."""
