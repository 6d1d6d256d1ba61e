"""Free times and the way to a booking inside of other websites."""
