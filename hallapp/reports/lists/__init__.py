"""Long lists as files, written in the background: the data sheet and the arrivals."""
