"""The figures of a period, computed once as frozen values that every page and file reads."""
