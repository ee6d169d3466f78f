"""Times a step of training of 784-256-10 (LIF) by a plain torch loop over 25 steps, batch 128, Adam.

Usage: train-torch.py SECONDS [batched]; `batched` takes the first layer's product over all steps at once. Writes
{"milliseconds", "runs", "threads", "torch"} to stdout.
"""

import json
import statistics
import sys
import time

import torch

STEPS, BATCH, DECAY, SLOPE = 25, 128, 0.75, 4.0


class Spike(torch.autograd.Function):
    """Forward: v > 1. Backward: the fast sigmoid's slope at v - 1."""

    @staticmethod
    def forward(context, v):
        context.save_for_backward(v)
        return (v > 1).to(v.dtype)

    @staticmethod
    def backward(context, gradient):
        (v,) = context.saved_tensors
        return gradient * (SLOPE / 2) / (1 + SLOPE * (v - 1).abs()) ** 2


def main():
    seconds, batched = float(sys.argv[1]), "batched" in sys.argv
    torch.manual_seed(1)
    hidden, out = torch.nn.Linear(784, 256), torch.nn.Linear(256, 10)
    optimiser = torch.optim.Adam([*hidden.parameters(), *out.parameters()])
    inputs = (torch.rand(STEPS, BATCH, 784) < 0.1).float()
    targets = torch.randint(10, (BATCH,))

    def step():
        currents = hidden(inputs) if batched else None
        first, second, counts = torch.zeros(1), torch.zeros(1), 0
        for t in range(STEPS):
            u = DECAY * first + (currents[t] if batched else hidden(inputs[t]))
            spikes = Spike.apply(u)
            first = u - spikes.detach()
            u = DECAY * second + out(spikes)
            answers = Spike.apply(u)
            second = u - answers.detach()
            counts = counts + answers
        loss = torch.nn.functional.cross_entropy(counts * (10 / STEPS), targets)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()

    for _ in range(3):
        step()
    times, end = [], time.perf_counter() + seconds
    while len(times) < 3 or time.perf_counter() < end:
        start = time.perf_counter()
        step()
        times.append(1000 * (time.perf_counter() - start))
    median = statistics.median(times)
    result = {"milliseconds": median, "low": min(times), "high": statistics.quantiles(times, n=4)[2], "runs": len(times)}
    json.dump({**result, "threads": torch.get_num_threads(), "torch": torch.__version__}, sys.stdout)


main()
