"""Times steps of training of LIF nets by plain torch loops over the steps of a sample: batch 128, Adam.

Usage: torch-loop.py NET THREADS, with NET mlp, mlp-batched (the first layer's product over all steps at once), conv or
gemm.
Answers every line `block` with a line of JSON, milliseconds of wall and processor time per step of training (gemm: per
2048x2048 product), and `peak` with the most memory this process had, in MB.
"""

import json
import resource
import sys
import time

import torch
from torch.nn.functional import avg_pool2d, cross_entropy

BATCH, DECAY, SLOPE = 128, 0.75, 4.0
net, threads = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(threads)
torch.manual_seed(1)


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


def training(layers, steps, shape, first_at_once=False):
    """A step of training; between two layers stand neurons."""
    optimiser = torch.optim.Adam([weight for layer in layers for weight in layer.parameters()])
    inputs = (torch.rand(steps, BATCH, *shape) < 0.1).float()
    targets = torch.randint(10, (BATCH,))

    def step():
        currents = layers[0](inputs) if first_at_once else None
        membranes, counts = [torch.zeros(1) for _ in layers], 0
        for t in range(steps):
            spikes = inputs[t]
            for index, layer in enumerate(layers):
                current = currents[t] if first_at_once and index == 0 else layer(spikes)
                u = DECAY * membranes[index] + current
                spikes = Spike.apply(u)
                membranes[index] = u - spikes.detach()
            counts = counts + spikes
        loss = cross_entropy(counts * (10 / steps), targets)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()

    return step


class Pooled(torch.nn.Module):
    """A layer behind means of 2x2."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        return self.layer(avg_pool2d(x, 2))


def work():
    if net == "gemm":
        a, b = torch.randn(2048, 2048), torch.randn(2048, 2048)
        return 4, lambda: torch.mm(a, b)
    if net == "conv":
        dense = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(512, 10))
        layers = [torch.nn.Conv2d(1, 12, 5), Pooled(torch.nn.Conv2d(12, 32, 5)), Pooled(dense)]
        return 4, training(layers, 10, (1, 28, 28))
    layers = [torch.nn.Linear(784, 256), torch.nn.Linear(256, 10)]
    return 30, training(layers, 25, (784,), first_at_once=net == "mlp-batched")


repeats, step = work()
print(json.dumps({"torch": torch.__version__}), flush=True)
for line in sys.stdin:
    if line.strip() == "peak":
        print(json.dumps({"megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}), flush=True)
        continue
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(repeats):
        step()
    taken = {"wall": time.perf_counter() - wall, "processor": time.process_time() - cpu}
    print(json.dumps({name: 1000 * seconds / repeats for name, seconds in taken.items()}), flush=True)
