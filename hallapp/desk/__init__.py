"""The front desk: scan, admit, take back, walk-ins; the arrival ledger."""
