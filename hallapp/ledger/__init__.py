"""The arrival ledger: append-only rows of people, the daily summaries kept with them, month closes."""
