"""The privacy notice of a hall: made of its live settings, kept in each version that visitors have accepted."""
