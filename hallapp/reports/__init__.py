"""Read-only figures from the ledger: day, month, year, since the opening; their exports."""
