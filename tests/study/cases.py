"""Configs that tests start from."""

import copy


def config(**grid):
    """Return a small config with one grid ``one``; the arguments are its keys."""
    return {"simulation": {"grids": {"one": {"cell": ["lstm"], **copy.deepcopy(grid)}}}}


def training(**study):
    """Return a small config that also trains one arm; the arguments are keys of its comparison ``race``."""
    arm = {"cell": "tanh", "optimiser": "sgd", "learning_rate": [0.01]}
    race = {"task": "adding", "arms": ["plain"], "lengths": [10], **study}
    return config() | {"training": {"arms": {"plain": arm}, "studies": {"race": race}}}
