"""The first page of a hall, which everybody may open."""
