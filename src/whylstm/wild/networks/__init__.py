"""A family: one file a published network, found by its name."""
