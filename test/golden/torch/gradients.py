"""Writes test/golden/data/gradients.json: python3 test/golden/torch/gradients.py > test/golden/data/gradients.json

Small nets of every layer, neuron, loss, surrogate and regulariser of the trainer, and the gradients of all that they
learn by torch's automatic differentiation in float64. All numbers of the nets are multiples of 1/1024, which float32
holds. Needs torch (Debian python3-torch).
"""

import json
import math
import random

import torch
import torch.nn.functional as F

from net import Net, tensor

torch.set_num_threads(1)
BATCH, STEPS, CLASSES = 3, 6, 3
# No membrane is as close to its threshold that another order of its sums could spike where this one does not.
LEAST_MARGIN = 1e-6

# The derivative of a spike by x = v − θ, by the trainer's names, with parameters other than its defaults.
SURROGATES = {
    "arctan:alpha=3": lambda x: 1.5 / (1 + (math.pi / 2 * 3 * x) ** 2),
    "fast-sigmoid:slope=5": lambda x: 2.5 / (1 + 5 * x.abs()) ** 2,
    "superspike:slope=4": lambda x: 1 / (1 + 4 * x.abs()) ** 2,
    "rectangular:width=1.5": lambda x: (x.abs() < 0.75).double() / 1.5,
    "polynomial:slope=1.5": lambda x: (math.sqrt(1.5) / 2 - 1.5 / 4 * x.abs()).clamp(min=0),
    "sigmoid:temperature=0.5": lambda x: torch.sigmoid(2 * x) * (1 - torch.sigmoid(2 * x)) * 2,
    "gaussian:variance=0.4": lambda x: torch.exp(-(x**2) / 0.8) / math.sqrt(2 * math.pi * 0.4),
    "triangular:height=0.6": lambda x: 0.6 * (1 - x.abs()).clamp(min=0),
}


def spike_time(answer, target):
    """The step of the first spike, T without one, as a product of silences."""
    time = torch.cumprod(1 - answer, 0).sum(0)
    return F.cross_entropy(8 * (1 - time / STEPS), target)


def van_rossum(answer, target):
    """Trains behind e^(−t/τ) as a product with the matrix of the kernel; wanted: every other step of the class."""
    wanted = torch.zeros_like(answer)
    wanted[1::2] = F.one_hot(target, CLASSES).double()
    lag = torch.arange(STEPS)[:, None] - torch.arange(STEPS)
    kernel = torch.where(lag >= 0, torch.exp(-lag.double() / 3), 0)
    error = torch.einsum("ts,sbc->tbc", kernel, answer - wanted)
    return (error**2).sum(0).mean() / 3


LOSSES = {
    "rate:sharpness=6": lambda answer, target: F.cross_entropy(6 * answer.mean(0), target),
    "membrane": lambda answer, target: F.cross_entropy(answer.mean(0), target),
    "count:right=0.7,wrong=0.1": lambda answer, target: F.mse_loss(
        answer.mean(0), 0.1 + 0.6 * F.one_hot(target, CLASSES).double()
    ),
    "spike-time:sharpness=8": spike_time,
    "van-rossum:tau=3,period=2": van_rossum,
    "accumulated": lambda answer, target: F.cross_entropy(answer[-1] / STEPS, target),
    "pixels": lambda answer, target: F.binary_cross_entropy_with_logits(
        answer.mean(0), F.one_hot(target, CLASSES).double()
    ),
}

# Of membranes that only add up.
SUMS = ("accumulated", "pixels")


def percentile(net):
    """The second highest of three rates, of samples with the same rate the first."""
    means = [net.all(name).mean(0) for name in net.membranes]
    seconds = [torch.sort(rates, dim=0, descending=True, stable=True).values[1] for rates in means]
    return sum(0.7 * (torch.relu(p - 0.5).square() + torch.relu(0.3 - p).square()).mean() for p in seconds)


REGULARISERS = {
    "rate:strength=0.7,most=0.1": lambda net: sum(
        0.7 * torch.relu(net.all(name).mean((0, 1)) - 0.1).square().mean() for name in net.membranes
    ),
    "membrane:strength=0.6,most=0.3": lambda net: sum(
        0.6 * torch.relu(torch.stack(steps).abs() - 0.3).square().mean() for steps in net.membranes.values()
    ),
    "weights:strength=0.2": lambda net: sum(
        0.1 * values.square().sum() for name, values in net.learned.items() if name.endswith(".weight")
    ),
    "percentile:strength=0.7,percentile=40,least=0.3,most=0.5": percentile,
}


class Draw:
    """Numbers of a net, the same whenever it is written."""

    def __init__(self, name):
        self.random = random.Random(name)

    def __call__(self, *shape, reach=0.75, middle=0.0625):
        if not shape:
            return round(1024 * (middle + reach * self.random.uniform(-1, 1))) / 1024
        return [self(*shape[1:], reach=reach, middle=middle) for _ in range(shape[0])]

    def spikes_and_currents(self, *shape):
        if shape:
            return [self.spikes_and_currents(*shape[1:]) for _ in range(shape[0])]
        return self.random.choice([0, 1, self(reach=0.5, middle=0.5)])


def chain(**nodes):
    """Nodes one behind the other."""
    nodes = {**nodes, "out": {"type": "Output"}}
    return {"nodes": nodes, "edges": [[a, b] for a, b in zip(nodes, list(nodes)[1:])]}


def image(*shape):
    return {"type": "Input", "shape": list(shape)}


def cases(draw):
    """By name: nodes, edges and semantics; what is learned besides weights, and what is special about the training."""
    affine = lambda outputs, inputs: {
        **{"type": "Affine", "weight": draw(outputs, inputs), "bias": draw(outputs, reach=0.25)}
    }
    linear = lambda outputs, inputs: {"type": "Linear", "weight": draw(outputs, inputs)}
    lif = {"type": "LIF", "tau": 0.003, "r": 3, "v_threshold": 0.40625}
    subtract, exact = {"reset": "subtract"}, {"integrate": "exact"}
    tau, threshold = {"tau": True}, {"threshold": True}
    flat = {"type": "Flatten"}

    def layers(**hidden):
        return chain(**{"in": image(5)}, a=affine(6, 5), **hidden, b=affine(CLASSES, 6), last={**lif, "r": 4})

    dense = layers(cells=lif)
    yield "dense, LIF with leaks and thresholds that are learned", {
        **layers(cells={**lif, "v_leak": 0.05, "v_initial": 0.125}),
        **{"semantics": subtract, "learn": {**tau, **threshold}},
    }
    yield "LIF, exact, reset to a value, of different leaks, thresholds and rests, with a floor", {
        **layers(
            cells={
                **{**lif, "tau": [0.002, 0.003, 0.004, 0.002, 0.003, 0.005]},
                **{"v_threshold": draw(6, reach=0.1, middle=0.4), "v_min": -0.25, "v_reset": 0.0625},
                "tau_ref": [0, 0.001, 0.002, 0, 0.001, 0],
            }
        ),
        **{"semantics": exact, "learn": {**tau, **threshold}},
    }
    for name, semantics in (("Euler", subtract), ("exact", exact)):
        cuba = {"type": "CubaLIF", "tau_syn": 0.002, "tau_mem": 0.004, "r": 4, "w_in": 2, "v_threshold": 0.40625}
        yield f"CubaLIF, {name}", {
            **layers(cells={**cuba, "v_leak": 0.03125}),
            **{"semantics": semantics, "learn": {**tau, **threshold}},
        }
        alif = {"theta_plus": 0.1875, "tau_theta": 0.005, "beta": 0.125, "theta_initial": 0.0625}
        yield f"ALIF, {name}", {
            **layers(cells={**lif, "type": "ALIF", **alif, "tau_ref": [0, 0, 0, 0.001, 0.001, 0.001]}),
            **{"semantics": semantics, "learn": {**tau, **threshold}},
        }
    yield "ConductanceLIF", {
        "nodes": {
            "in": image(5),
            "excite": linear(6, 5),
            "inhibit": linear(6, 5),
            "cells": {
                **{"type": "ConductanceLIF", "tau": 0.004, "tau_e": 0.002, "tau_i": 0.003, "e_e": 3, "e_i": -1},
                **{"v_threshold": 0.3125, "theta_plus": 0.125, "tau_theta": 0.01},
            },
            "b": affine(CLASSES, 6),
            "last": lif,
            "out": {"type": "Output"},
        },
        "edges": [
            ["in", "excite"],
            ["in", "inhibit"],
            ["excite", "cells", {"port": "excitatory"}],
            ["inhibit", "cells", {"port": "inhibitory"}],
            *[["cells", "b"], ["b", "last"], ["last", "out"]],
        ],
    }
    yield "IF and threshold units with a residual branch", {
        "nodes": {
            "in": image(5),
            "a": affine(6, 5),
            "cells": {"type": "IF", "r": 1000, "v_threshold": 0.625},
            "b": affine(6, 6),
            "sum": {"type": "Threshold", "threshold": 0.3125},
            "c": affine(CLASSES, 6),
            "last": {"type": "IF", "r": 800, "v_threshold": 0.5},
            "out": {"type": "Output"},
        },
        "edges": [
            *[["in", "a"], ["a", "cells"], ["cells", "b"], ["b", "sum"], ["cells", "sum"]],
            *[["sum", "c"], ["c", "last"], ["last", "out"]],
        ],
        **{"semantics": subtract, "learn": threshold},
    }
    yield "recurrent, with delays of one step and two", {
        "nodes": {
            "in": image(5),
            "a": affine(6, 5),
            "cells": {**lif, "v_reset": 0.125},
            "again": {"type": "Affine", "weight": draw(6, 6), "bias": draw(6, reach=0.1, middle=0)},
            "b": linear(CLASSES, 6),
            "last": {**lif, "r": 4},
            "back": linear(6, CLASSES),
            "out": {"type": "Output"},
        },
        "edges": [
            *[["in", "a"], ["a", "cells"], ["cells", "again", {"delay": 2}], ["again", "cells"], ["cells", "b"]],
            *[["b", "last"], ["last", "back", {"delay": 1}], ["back", "cells", {"delay": 1}], ["last", "out"]],
        ],
        "learn": tau,
    }
    yield "delays of each element and of edges", {
        "nodes": {
            "in": image(5),
            "late": {"type": "Delay", "delay": [0.001, 0.003, 0.001, 0.002, 0]},
            "a": affine(6, 5),
            "cells": lif,
            "b": affine(CLASSES, 6),
            "last": {**lif, "r": 5},
            "out": {"type": "Output"},
        },
        "edges": [
            *[["in", "late"], ["late", "a"], ["a", "cells"], ["cells", "b", {"delay": 1}]],
            *[["b", "last"], ["last", "out", {"delay": 1}]],
        ],
    }
    yield "convolutions, means and sums along one axis", chain(
        **{"in": image(2, 9)},
        a={"type": "Conv1d", "weight": draw(4, 2, 3), "bias": draw(4), "stride": 2, "padding": 1},
        cells=lif,
        mean={"type": "AvgPool1d", "kernel_size": 2, "stride": 1},
        b={"type": "Conv1d", "weight": draw(CLASSES, 4, 3), "bias": draw(CLASSES)},
        sum={"type": "SumPool1d", "kernel_size": 2, "stride": 2},
        last={**lif, "r": 3},
        flat=flat,
    )
    yield "convolutions with strides, paddings, dilations and groups, means and sums", chain(
        **{"in": image(2, 7, 6)},
        a={
            **{"type": "Conv2d", "weight": draw(4, 1, 3, 2), "bias": draw(4)},
            **{"stride": [2, 1], "padding": [1, 1], "groups": 2},
        },
        cells=lif,
        mean={"type": "AvgPool2d", "kernel_size": 2, "stride": 1},
        b={"type": "Conv2d", "weight": draw(CLASSES, 4, 2, 2), "bias": draw(CLASSES), "dilation": [1, 2]},
        more={**lif, "r": 6},
        sum={"type": "SumPool2d", "kernel_size": [2, 4], "stride": [2, 4]},
        flat=flat,
        factors={"type": "Scale", "scale": [0.5, 0.75, 0.875]},
        last=lif,
    )
    for winner in ("count", "first"):
        yield f"max pooling by {winner}, over windows that overlap and side by side", chain(
            **{"in": image(2, 5, 6)},
            a={"type": "Conv2d", "weight": draw(3, 2, 2, 2), "bias": draw(3)},
            cells={**lif, "r": 5},
            most={
                **{"type": "MaxPool2d", "kernel_size": [3, 2], "stride": [2, 1], "padding": [1, 0]},
                "winner": winner,
            },
            b={"type": "Conv2d", "weight": draw(2, 3, 1, 1)},
            more={"type": "MaxPool2d", "kernel_size": 2, "stride": 2, "winner": winner},
            flat=flat,
            c=affine(CLASSES, 4),
            last={**lif, "r": 4},
        )
    yield "max pooling along one axis", chain(
        **{"in": image(2, 8)},
        a={"type": "Conv1d", "weight": draw(3, 2, 3), "bias": draw(3)},
        cells=lif,
        most={"type": "MaxPool1d", "kernel_size": 3, "stride": 3},
        flat=flat,
        b=affine(CLASSES, 6),
        last={**lif, "r": 4},
    )
    yield "factors, sparse synapses and inhibition of all others", {
        "nodes": {
            "in": image(4),
            "factors": {"type": "Scale", "scale": draw(4, middle=1, reach=0.5)},
            "a": {
                **{"type": "Sparse", "outputs": 5, "offset": [0, 2, 3, 5, 7], "target": [0, 3, 1, 2, 4, 0, 4]},
                "weight": draw(7, middle=0.5),
            },
            "cells": {**lif, "v_threshold": 0.25},
            "others": {"type": "AllButOne", "weight": draw(5, middle=-0.25, reach=0.125)},
            "b": affine(CLASSES, 5),
            "last": lif,
            "out": {"type": "Output"},
        },
        "edges": [
            *[["in", "factors"], ["factors", "a"], ["a", "cells"], ["cells", "others", {"delay": 1}]],
            *[["others", "cells"], ["cells", "b"], ["b", "last"], ["last", "out"]],
        ],
        "semantics": subtract,
    }
    normalised = {"semantics": subtract, "learn": threshold}
    yield "batch norm", {**dense, **normalised, "behind": {"a": {"batch-norm": 1}}}
    yield "batch norm, threshold-dependent, of images", {
        **chain(
            **{"in": image(2, 4, 3)},
            a={"type": "Conv2d", "weight": draw(4, 2, 2, 2), "bias": draw(4)},
            cells=lif,
            flat=flat,
            b=affine(CLASSES, 24),
            last=lif,
        ),
        **{**normalised, "behind": {"a": {"batch-norm": 0.5 * lif["v_threshold"]}, "b": {"batch-norm": 0.40625}}},
    }
    yield "dropout over time", {**dense, "semantics": subtract, "behind": {"cells": {"dropout": 0.5}}}
    yield "read-outs: Lowpass, CubaLI, I and LI", {
        **chain(
            **{"in": image(4)},
            a=affine(5, 4),
            low={"type": "Lowpass", "tau": 0.003},
            b=affine(4, 5),
            cuba={"type": "CubaLI", "tau_syn": 0.002, "tau_mem": 0.004, "r": 2, "w_in": 3, "v_leak": 0.125},
            c=affine(CLASSES, 4),
            sum={"type": "I", "r": 300, "v_initial": 0.25},
            li={"type": "LI", "tau": 0.005, "r": 5, "v_leak": 0.125, "v_initial": 0.25},
        ),
        **{"loss": "membrane", "learn": tau},
    }
    yield "an analogue net: rectifiers, convolution and maxima", {
        **chain(
            **{"in": image(1, 4, 6)},
            a={"type": "Conv2d", "weight": draw(2, 1, 2, 3), "bias": draw(2)},
            units={"type": "ReLU"},
            largest={"type": "MaxPool2d", "kernel_size": [3, 2], "stride": [3, 2]},
            flat=flat,
            b=affine(CLASSES, 4),
        ),
        **{"loss": "membrane", "held": True},
    }
    summed = {**dense, "nodes": {**dense["nodes"], "last": {"type": "I", "r": 300}}}
    for loss in LOSSES:
        if loss != "membrane":
            yield f"loss {loss}", {**(summed if loss in SUMS else dense), "semantics": subtract, "loss": loss}
    for surrogate in SURROGATES:
        yield f"surrogate {surrogate}", {**dense, "semantics": subtract, "surrogate": surrogate, "held": True}
    for regulariser in REGULARISERS:
        yield f"regulariser {regulariser}", {**dense, "semantics": subtract, "regulariser": regulariser}

    def ending(axes):
        """Cells of which the means are the answer."""
        return {
            "more": {**lif, "r": 4},
            "all": {"type": f"GlobalAvgPool{axes}d"},
            "flat": flat,
            "factors": {"type": "Scale", "scale": [2.5, 1.75, 1.875]},
            "last": lif,
            "out": {"type": "Output"},
        }

    ended = [["more", "all"], ["all", "flat"], ["flat", "factors"], ["factors", "last"], ["last", "out"]]
    for axes, size in ((1, [6]), (2, [4, 6])):
        kernel = [3] * axes
        yield f"up-sampling, concatenation and means of all along {axes} of 2 axes", {
            "nodes": {
                "in": image(2, *size),
                "a": {"type": f"Conv{axes}d", "weight": draw(3, 2, *kernel), "bias": draw(3), "padding": 1},
                "cells": lif,
                "mean": {"type": f"AvgPool{axes}d", "kernel_size": 2, "stride": 2},
                "b": {"type": f"Conv{axes}d", "weight": draw(2, 3, *kernel), "padding": 1},
                "deep": {**lif, "r": 5},
                "up": {"type": f"Upsample{axes}d", "scale_factor": 2},
                "before": {"type": "Concat", "channels": 5},
                "earlier": {"type": "Concat", "channels": 5, "start": 2},
                "c": {"type": f"Conv{axes}d", "weight": draw(CLASSES, 5, *kernel), "padding": 1},
                **ending(axes),
            },
            "edges": [
                *[["in", "a"], ["a", "cells"], ["cells", "mean"], ["mean", "b"], ["b", "deep"], ["deep", "up"]],
                *[["up", "before"], ["before", "c"], ["cells", "earlier"], ["earlier", "c"], ["c", "more"]],
                *ended,
            ],
            "semantics": subtract,
        }
    for axes, size in ((1, [5]), (2, [3, 4])):
        first = {"stride": 2, "padding": 1, "output_padding": 1, "dilation": 1, "groups": 2}
        second = {"stride": 1, "padding": 2, "dilation": 2, "groups": 1}
        yield f"transposed convolutions along {axes} of 2 axes", {
            "nodes": {
                "in": image(4, *size),
                "a": {"type": f"ConvTranspose{axes}d", "weight": draw(6, 2, *[3] * axes), "bias": draw(6), **first},
                "cells": lif,
                "b": {"type": f"ConvTranspose{axes}d", "weight": draw(CLASSES, 6, *[2] * axes), **second},
                **ending(axes),
            },
            "edges": [
                *[["in", "a"], ["a", "cells"], ["cells", "b"], ["b", "more"]],
                *ended,
            ],
            "semantics": subtract,
        }
    for name, semantics in (("subtracted", subtract), ("to a value, exact", exact)):
        yield f"through the reset as well, {name}", {
            **layers(cells={**lif, "v_leak": 0.05, "v_reset": 0.0625, "v_min": -0.25}),
            **{"semantics": semantics, "learn": {**tau, **threshold}, "resetGradient": "full"},
        }
    yield "through the reset of ALIF as well", {
        **layers(cells={**lif, "type": "ALIF", "theta_plus": 0.1875, "tau_theta": 0.005}),
        **{"semantics": subtract, "learn": {**tau, **threshold}, "resetGradient": "full"},
    }
    yield "matrices and biases with leading dimensions", chain(
        **{"in": image(2, 5)},
        a={"type": "Affine", "weight": draw(2, 4, 5), "bias": draw(4, reach=0.25)},
        cells=lif,
        rows={"type": "Affine", "weight": draw(2, 3, 4), "bias": draw(2, 3, reach=0.25)},
        more=lif,
        flat=flat,
        b=affine(CLASSES, 6),
        last={**lif, "r": 4},
    )


def rounded(values, digits):
    """To so many digits, nested as it is."""
    numbers = values.tolist() if isinstance(values, torch.Tensor) else values
    return [rounded(each, digits) for each in numbers] if isinstance(numbers, list) else float(f"{numbers:.{digits}g}")


def learned_of(case):
    """Tensors by node.key; of time constants the logit of a step's share, which a model's number is made of."""
    semantics = {"dt": 0.001, "integrate": "euler", **case.get("semantics", {})}
    learn, learned, logits = case.get("learn", {}), {}, {}
    normalised = [name for name, nodes in case.get("behind", {}).items() if "batch-norm" in nodes]
    for name, node in case["nodes"].items():
        for key in ("weight", "bias", "scale"):
            if key in node and not (key == "bias" and name in normalised):
                learned[f"{name}.{key}"] = tensor(node[key])
        for key in ("v_threshold", "threshold"):
            if key in node and learn.get("threshold"):
                learned[f"{name}.{key}"] = tensor(node[key])
        for key in ("tau", "tau_mem", "tau_syn"):
            if key not in node or not learn.get("tau"):
                continue
            steps = semantics["dt"] / tensor(node[key])
            share = steps if semantics["integrate"] == "euler" else 1 - torch.exp(-steps)
            logit = torch.round(1024 * torch.log(share / (1 - share))) / 1024
            share = torch.sigmoid(logit)
            made = semantics["dt"] / (share if semantics["integrate"] == "euler" else -torch.log1p(-share))
            # The logit is what counts; digits that another processor may compute otherwise are left out.
            node[key] = rounded(made, 9)
            learned[f"{name}.{key}"], logits[f"{name}.{key}"] = logit, logit
    return learned, logits


def placed(case, draw, learned):
    """Functions of nodes of training behind others, and the arrays that they take besides what is learned."""
    behind, arrays = {}, {}
    for name, nodes in case.get("behind", {}).items():
        if "batch-norm" in nodes:
            channels, gain = len(case["nodes"][name]["weight"]), nodes["batch-norm"]
            keys = scale, offset = f"{name}.batch-norm.scale", f"{name}.batch-norm.offset"
            learned[scale] = tensor(draw(channels, middle=1, reach=0.5))
            learned[offset] = tensor(draw(channels, middle=0.2, reach=0.2))
            arrays.update({key: learned[key] for key in keys})

            def normalise(whole, scale=scale, offset=offset, gain=gain):
                rows = F.batch_norm(
                    whole.flatten(0, 1), None, None, gain * learned[scale], learned[offset], training=True, eps=1e-5
                )
                return rows.view(whole.shape)

            behind[name] = normalise
        else:
            size = len(case["nodes"]["a"]["weight"])
            mask = tensor([[draw.random.choice([0, 2]) for _ in range(size)] for _ in range(BATCH)])
            arrays[f"{name}.dropout.mask"] = mask
            behind[name] = lambda whole, mask=mask: whole * mask
    return behind, arrays


def solved(name, case):
    """A case with what torch says of it."""
    draw = Draw(name)
    shape = case["nodes"]["in"]["shape"]
    surrogate = case.setdefault("surrogate", "arctan:alpha=3")
    loss = case.setdefault("loss", "rate:sharpness=6")
    held = case.pop("held", False)
    learned, logits = learned_of(case)
    behind, arrays = placed(case, draw, learned)
    for values in learned.values():
        values.requires_grad_()
    inputs = tensor(draw.spikes_and_currents(*([] if held else [STEPS]), BATCH, *shape))
    target = torch.tensor([draw.random.randrange(CLASSES) for _ in range(BATCH)])
    model = {key: case.pop(key) for key in ("nodes", "edges", "semantics") if key in case}
    every = inputs.expand(STEPS, *inputs.shape) if held else inputs
    through_reset = case.get("resetGradient") == "full"
    net = Net(model, every, STEPS, CLASSES, SURROGATES[surrogate], learned, behind, through_reset)
    value = LOSSES[loss](net.all("out"), target)
    if "regulariser" in case:
        value = value + REGULARISERS[case["regulariser"]](net)
    value.backward()
    assert net.margin > LEAST_MARGIN, (name, net.margin)
    given = {**logits, **arrays, "input/in": inputs, "targets": F.one_hot(target, CLASSES)}
    encoder = {"type": "direct"} if held else {"type": "bernoulli"}
    whole = {**model, "encoder": {"in": encoder}, "sample": {"steps": STEPS, "between": "reset"}}
    return {
        **{"name": name, "model": whole, **case},
        "arrays": {key: values.detach().flatten().tolist() for key, values in given.items()},
        "expected": {
            "loss": rounded(value.detach(), 12),
            "gradients": {key: rounded(each.grad.flatten(), 12) for key, each in learned.items()},
        },
    }


def main():
    rows = [json.dumps(solved(name, json.loads(json.dumps(case)))) for name, case in cases(Draw("nets"))]
    print("[\n" + ",\n".join(rows) + "\n]")


main()
