"""A chain of layers and leaky integrate-and-fire neurons in torch, step by step, one thread, no gradients.

Usage: chain-torch.py NET [without-onednn]. NET is a line of JSON, `steps`, `samples`, `decay`, `threshold`, the `shape` of an input, and
`layers`, each a list of maps of the kind dense or convolution (with `weight`, its shape), pooling (with `size`) or shape (with `shape`);
then float32: the weights in order, and inputs [samples][steps][…shape]. Answers a number of repeats with {"us"} per sample, "counts"
with the output spikes. oneDNN prepares every convolution anew, which for small ones takes longer than it saves.
"""

import json
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

torch.set_num_threads(1)
torch.backends.mkldnn.set_flags("without-onednn" not in sys.argv)
with open(sys.argv[1], "rb") as file:
    net = json.loads(file.readline())
    read = lambda *shape: torch.from_numpy(np.fromfile(file, np.float32, int(np.prod(shape)))).reshape(shape)

    def map_of(kind, weight=None, size=None, shape=None):
        if kind == "pooling":
            return lambda x: F.avg_pool2d(x, size)
        if kind == "shape":
            return lambda x: x.reshape(1, *shape)
        weights = read(*weight)
        return lambda x: F.conv2d(x, weights) if kind == "convolution" else F.linear(x, weights)

    layers = [[map_of(**each) for each in layer] for layer in net["layers"]]
    inputs = read(net["samples"], net["steps"], 1, *net["shape"])
decay, threshold = net["decay"], net["threshold"]


def run(sample):
    membranes = [None] * len(layers)
    counts = 0
    for spikes in sample:
        for index, layer in enumerate(layers):
            for each in layer:
                spikes = each(spikes)
            v = membranes[index]
            v = spikes if v is None else v.mul_(decay).add_(spikes)
            spikes = (v > threshold).float()
            membranes[index] = v.sub_(spikes, alpha=threshold)
        counts = counts + spikes
    return counts


with torch.inference_mode():
    for line in sys.stdin:
        if line.startswith("counts"):
            answer = {"counts": [int(count) for sample in inputs for count in run(sample)[0]]}
        else:
            started = time.perf_counter()
            for _ in range(int(line)):
                for sample in inputs:
                    run(sample)
            answer = {"us": (time.perf_counter() - started) * 1e6 / int(line) / len(inputs)}
        print(json.dumps(answer), flush=True)
