"""The front desk: scan, admit, take back, walk-ins, online and offline."""
