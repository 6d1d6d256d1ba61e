"""Paper for a power cut: the day's list, and the form to enter it afterwards."""
