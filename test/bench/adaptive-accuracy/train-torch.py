"""Trains a recurrent net of adaptive neurons (LSNN, Bellec et al. 2018) on MNIST, row by row, by a plain torch loop over time.

Arguments: the folder of the IDX files, and the number of passes. Writes one JSON document to stdout: the weights and constants of the net,
and the share of the test digits that this loop names.
"""

import json
import math
import sys
from pathlib import Path

import numpy
import torch

HIDDEN, ADAPTIVE, HOLD, BATCH, RATE = 100, 60, 2, 128, 6e-3
DT, TAU, TAU_THETA, TAU_OUT, BETA = 1e-3, 0.02, 0.2, 0.02, 1.8


class Spike(torch.autograd.Function):
    """Forward: v > 0. Backward: a triangle around 0."""

    @staticmethod
    def forward(context, v):
        context.save_for_backward(v)
        return (v > 0).to(v.dtype)

    @staticmethod
    def backward(context, gradient):
        (v,) = context.saved_tensors
        return gradient * 0.5 * torch.clamp(1 - v.abs(), min=0)


def read(folder, part):
    images = numpy.fromfile(folder / f"{part}-images-idx3-ubyte", dtype=numpy.uint8)[16:].reshape(-1, 28, 28)
    labels = numpy.fromfile(folder / f"{part}-labels-idx1-ubyte", dtype=numpy.uint8)[8:]
    return torch.tensor(images > 127).float(), torch.tensor(labels).long()


def read_out(weights, beta, images):
    """Membranes of the read-out at the end of a digit of which each row lasts HOLD steps."""
    forward, recurrent, outward = weights
    alpha, rho, kappa = (math.exp(-DT / tau) for tau in (TAU, TAU_THETA, TAU_OUT))
    batch = images.shape[0]
    v, theta, z = (torch.zeros(batch, HIDDEN) for _ in range(3))
    out = torch.zeros(batch, 10)
    for step in range(28 * HOLD):
        v = alpha * v + images[:, step // HOLD] @ forward.T + z @ recurrent.T
        theta = rho * theta
        z = Spike.apply(v - 1 - theta)
        v = v - (z * (1 + theta)).detach()
        theta = theta + beta * (1 - rho) / rho * z
        out = kappa * out + (1 - kappa) * (z @ outward.T)
    return out


def main():
    torch.manual_seed(1)
    torch.set_num_threads(1)
    folder, passes = Path(sys.argv[1]), int(sys.argv[2])
    images, labels = read(folder, "train")
    weights = [
        torch.nn.Parameter(scale * torch.randn(shape))
        for scale, shape in ((0.2, (HIDDEN, 28)), (0.03, (HIDDEN, HIDDEN)), (0.1, (10, HIDDEN)))
    ]
    beta = BETA * (torch.arange(HIDDEN) < ADAPTIVE)
    adam = torch.optim.Adam(weights)
    steps = passes * (len(images) // BATCH)
    step = 0
    for _ in range(passes):
        order = torch.randperm(len(images))
        for start in range(0, len(images) - BATCH + 1, BATCH):
            chosen = order[start : start + BATCH]
            for group in adam.param_groups:
                group["lr"] = RATE * 0.5 * (1 + math.cos(math.pi * step / steps))
            loss = torch.nn.functional.cross_entropy(10 * read_out(weights, beta, images[chosen]), labels[chosen])
            adam.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(weights[:2], 1.0)
            adam.step()
            step += 1
    images, labels = read(folder, "t10k")
    with torch.no_grad():
        right = (read_out(weights, beta, images).argmax(1) == labels).float().mean().item()
    forward, recurrent, outward = (weight.tolist() for weight in weights)
    times = {"dt": DT, "tau": TAU, "tauTheta": TAU_THETA, "tauOut": TAU_OUT}
    net = {"forward": forward, "recurrent": recurrent, "outward": outward, "beta": beta.tolist(), "hold": HOLD}
    json.dump({**net, **times, "right": right}, sys.stdout)


main()
