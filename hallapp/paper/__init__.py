"""Paper for a power cut: the day's list to go on with, and the form to type it in afterwards."""
