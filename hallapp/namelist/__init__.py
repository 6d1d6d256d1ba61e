"""The names of a group's people, where the hall lets a group hand them in: read, shown row by row, kept, erased."""
