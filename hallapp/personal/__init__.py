"""A person's data: found on request, exported as a file, erased before the promised time."""
