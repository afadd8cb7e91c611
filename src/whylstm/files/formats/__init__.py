"""A family: one file a format, found by its name."""
