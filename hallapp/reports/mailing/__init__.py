"""The monthly report by mail: its recipients, and sending it."""
