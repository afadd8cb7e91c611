"""Configs that tests start from."""

import copy


def config(**grid):
    """Return a small config with one grid ``one``; the arguments are its keys."""
    return {"simulation": {"grids": {"one": {"cell": ["lstm"], **copy.deepcopy(grid)}}}}


def training(**experiment):
    """Return a small config that also trains one arm ``plain``; the arguments are keys of its experiment ``race``."""
    race = {"task": "adding", "arms": {"plain": {"cell": "tanh"}}, "lengths": [10], **experiment}
    return config() | {"training": {"experiments": {"race": race}}}
