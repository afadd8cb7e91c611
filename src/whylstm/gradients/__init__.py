"""Exact gradients of the whole recurrent state: trajectories, one-step factors, and their products over lags."""
