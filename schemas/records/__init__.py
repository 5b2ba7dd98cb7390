"""报文: what travels: applications, outcomes, dispatches, receipts and the other records."""
