"""The public first page of a hall."""
