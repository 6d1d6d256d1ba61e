"""The hall as the public sees it before a visit: its pictures, those of its programmes, and notices."""
