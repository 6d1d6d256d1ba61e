"""Read-only figures from the arrival ledger: month, year, since opening; as a page, a PDF and data."""
