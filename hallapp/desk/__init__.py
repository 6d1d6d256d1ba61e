"""The front desk: scan, admit, take back, walk-ins, with and without a network."""
