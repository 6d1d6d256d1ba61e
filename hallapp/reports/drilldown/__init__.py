"""What stands behind a figure: the rows of the ledger, chosen by an address, with their sum."""
