"""The web layer of the questions."""
