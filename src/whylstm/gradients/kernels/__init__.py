"""Compiled kernels of the lag profile: what is done to one product, one panel of rows, one vector at a time."""
