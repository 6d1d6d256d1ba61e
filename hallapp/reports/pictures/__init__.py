"""The pictures of a report: shapes computed once, which the page, the PDF and the files for presentations paint."""
