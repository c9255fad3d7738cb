"""How submissions come in and what goes back out: exchange, hub, LMS, and the ledger of what was handed in."""
