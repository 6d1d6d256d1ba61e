"""The web layer of the first run: the wizard and its forms."""
