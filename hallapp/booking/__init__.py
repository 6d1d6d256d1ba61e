"""A group's booking from request to cancellation, and its organiser's page."""
