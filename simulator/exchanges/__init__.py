"""往来: what crosses, for both kinds of servers: calls, receipts, entries, events."""
