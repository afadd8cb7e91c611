"""What the networks that read print have in common: convolutions that turn a line of text into a sequence."""

import torch
from torch.nn import functional

from whylstm.wild.networks.base import tensor


def normed(x, held, name):
    """Return a batch normalisation as it is used after training, by the mean and variance that it kept."""
    names = ("running_mean", "running_var", "weight", "bias")
    mean, variance, weight, bias = (tensor(held[f"{name}.{key}"]) for key in names)
    return functional.batch_norm(x, mean, variance, weight, bias)


def convolved(x, held, name, **options):
    """Return a convolution by the weights of a name, with its bias if it has one."""
    bias = held.get(f"{name}.bias")
    return functional.conv2d(x, tensor(held[f"{name}.weight"]), None if bias is None else tensor(bias), **options)


def sequence(x):
    """Return (N, C, 1, T) as (N, T, C)."""
    return torch.permute(x[:, :, 0], (0, 2, 1))
