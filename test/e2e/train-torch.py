"""The loss and gradients of a dense spiking net by a plain torch loop over time, as a second opinion.

Reads one JSON document from stdin: steps, decay, slope, inputs [batch][in] (held over all steps), targets [batch], and
layers [{weight [out][in], bias [out]}]. Writes {"loss", "layers": [{"weight", "bias"}]} to stdout.
"""

import json
import sys

import torch


class Spike(torch.autograd.Function):
    """Forward: v > 1. Backward: the fast sigmoid's slope at v - 1, of area 1."""

    @staticmethod
    def forward(context, v, slope):
        context.save_for_backward(v)
        context.slope = slope
        return (v > 1).to(v.dtype)

    @staticmethod
    def backward(context, gradient):
        (v,) = context.saved_tensors
        return gradient * (context.slope / 2) / (1 + context.slope * (v - 1).abs()) ** 2, None


def main():
    given = json.load(sys.stdin)
    steps, decay, slope = given["steps"], given["decay"], given["slope"]
    inputs = torch.tensor(given["inputs"], dtype=torch.float64)
    targets = torch.tensor(given["targets"])
    layers = [
        {key: torch.tensor(values, dtype=torch.float64, requires_grad=True) for key, values in layer.items()}
        for layer in given["layers"]
    ]
    membranes = [torch.zeros(1, dtype=torch.float64) for _ in layers]
    counts = 0
    for _ in range(steps):
        spikes = inputs
        for index, layer in enumerate(layers):
            current = torch.nn.functional.linear(spikes, layer["weight"], layer["bias"])
            v = decay * membranes[index] + current
            spikes = Spike.apply(v, slope)
            membranes[index] = v - spikes.detach()
        counts = counts + spikes
    loss = torch.nn.functional.cross_entropy(10 * counts / steps, targets)
    loss.backward()
    gradients = [{key: values.grad.tolist() for key, values in layer.items()} for layer in layers]
    json.dump({"loss": loss.item(), "layers": gradients}, sys.stdout)


main()
