"""The ledger rows behind a figure, selected by an address, with their sum."""
