"""The hall as the public sees it before a visit: pictures of the hall and of its programmes."""
