"""The monthly report by mail: to whom it goes, and sending it."""
