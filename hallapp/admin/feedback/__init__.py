"""The manager's face of the feedback: averages, trend and lines."""
