"""Exchange tables (前置库): a gateway's flows and an agency's real database."""
