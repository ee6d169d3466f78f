"""A model as docs/semantics.md has it, in torch and float64: what its nodes emit, step by step, differentiable.

The derivative of a spike is a surrogate. No gradient goes through the rest after a spike, and through its reset only if
asked for.
"""

import math

import torch
import torch.nn.functional as F


def tensor(numbers):
    return torch.tensor(numbers, dtype=torch.float64)


def spike_with(derivative):
    """A spike where x > 0, x the distance to the threshold."""

    class Spike(torch.autograd.Function):
        @staticmethod
        def forward(context, x):
            context.save_for_backward(x)
            return (x > 0).to(x.dtype)

        @staticmethod
        def backward(context, gradient):
            return gradient * derivative(context.saved_tensors[0])

    return Spike.apply


class Net:
    """`learned` has the tensors of node.key that gradients are wanted of, time constants as logits of a step's share.

    `behind` has functions by node, through which all that it emits goes: of [steps, batch, …] to the same.
    """

    def __init__(self, model, inputs, steps, classes, derivative, learned, behind, through_reset=False):
        self.nodes = model["nodes"]
        self.edges = [(edge[0], edge[1], edge[2] if len(edge) > 2 else {}) for edge in model["edges"]]
        self.semantics = {"dt": 0.001, "integrate": "euler", "reset": "value", **model.get("semantics", {})}
        self.inputs, self.steps, self.learned, self.behind = inputs, steps, learned, behind
        self.batch, self.classes = inputs.shape[1], classes
        self.spike = spike_with(derivative)
        self.through_reset = through_reset
        self.states = {}
        self.done = {}
        # Membranes of each population as they are compared, and how far any one was from its threshold at least.
        self.membranes = {}
        self.margin = math.inf

    def all(self, name):
        """[steps, batch, …]"""
        return torch.stack([self.emitted(name, step) for step in range(self.steps)])

    def emitted(self, name, step):
        if name not in self.behind:
            return self.raw(name, step)
        if (name, "behind") not in self.done:
            whole = torch.stack([self.raw(name, each) for each in range(self.steps)])
            self.done[name, "behind"] = self.behind[name](whole)
        return self.done[name, "behind"][step]

    def raw(self, name, step):
        """In the order of steps, each once: neurons have a state."""
        for earlier in range(step + 1):
            if (name, earlier) not in self.done:
                self.done[name, earlier] = self.compute(name, self.nodes[name], earlier)
        return self.done[name, step]

    def arriving(self, name, step, port=None):
        values = [
            self.emitted(source, step - options.get("delay", 0))
            for source, target, options in self.edges
            if target == name and options.get("port") == port and step >= options.get("delay", 0)
        ]
        return sum(values) if values else torch.zeros(self.batch, self.silent(name), dtype=torch.float64)

    def silent(self, name):
        """Elements of what arrives at a node in a step in which nothing does."""
        weight = self.nodes[name].get("weight")
        return self.classes if weight is None else len(weight[0] if isinstance(weight[0], list) else weight)

    def number(self, name, key, default=None):
        if f"{name}.{key}" in self.learned:
            return self.learned[f"{name}.{key}"]
        given = self.nodes[name].get(key, default)
        return None if given is None else tensor(given)

    def share(self, name, key):
        """What a step takes away of a state with a time constant."""
        if f"{name}.{key}" in self.learned:
            return torch.sigmoid(self.learned[f"{name}.{key}"])
        steps = self.semantics["dt"] / self.number(name, key)
        return steps if self.semantics["integrate"] == "euler" else 1 - torch.exp(-steps)

    def compute(self, name, node, step):
        kind = node["type"]
        if kind == "Input":
            return self.inputs[step]
        if kind == "Delay":
            return self.late(name, step)
        if kind == "ConductanceLIF":
            return self.neuron(name, node, [self.arriving(name, step, port) for port in ("excitatory", "inhibitory")])
        x = self.arriving(name, step)
        if kind in ("Output", "Flatten"):
            return x.flatten(1) if kind == "Flatten" else x
        if kind in CONNECTIONS:
            return CONNECTIONS[kind](self, name, node, x)
        if kind in ("MaxPool1d", "MaxPool2d"):
            return self.winners(name, node, x)
        if kind == "ReLU":
            self.membranes.setdefault(name, []).append(x)
            return torch.relu(x)
        return self.neuron(name, node, [x])

    def late(self, name, step):
        """Each element by its own delay."""
        delays = [round(delay / self.semantics["dt"]) for delay in self.nodes[name]["delay"]]
        columns = [
            self.arriving(name, step - delay)[:, k] if step >= delay else torch.zeros(self.batch, dtype=torch.float64)
            for k, delay in enumerate(delays)
        ]
        return torch.stack(columns, 1)

    def winners(self, name, node, x):
        """`count`: of which most has arrived; `first`: the largest of the step in which something was above 0."""
        flat = x.unsqueeze(2) if node["type"] == "MaxPool1d" else x
        sizes = [node["kernel_size"], node["stride"], node.get("padding", 0)]
        if node["type"] == "MaxPool1d":
            sizes = [(1, sizes[0]), (1, sizes[1]), (0, sizes[2])]
        state = self.states.setdefault(name, {})
        if node.get("winner", "count") == "count":
            state["sums"] = state.get("sums", 0) + flat.detach()
            _, index = F.max_pool2d(state["sums"], *sizes, return_indices=True)
            passes = torch.ones_like(index, dtype=torch.bool)
        else:
            largest, candidate = F.max_pool2d(flat.detach(), *sizes, return_indices=True)
            index = state.get("index", torch.full_like(candidate, -1))
            index = state["index"] = torch.where((index < 0) & (largest > 0), candidate, index)
            passes = index >= 0
        chosen = flat.flatten(2).gather(2, index.clamp(min=0).flatten(2)).view(index.shape)
        won = torch.where(passes, chosen, torch.zeros_like(chosen))
        return won.squeeze(2) if node["type"] == "MaxPool1d" else won

    def neuron(self, name, node, arriving):
        number = lambda key, default=0.0: self.number(name, key, default)
        kind = node["type"]
        rest = number("v_leak")
        if name not in self.states:
            start = number("v_initial", None)
            shape = torch.zeros_like(arriving[0].detach())
            self.states[name] = {
                "v": shape + (rest if start is None else start),
                "i": shape + number("i_initial"),
                "theta": shape + number("theta_initial"),
                "excitatory": shape,
                "inhibitory": shape,
                "rests": torch.zeros_like(shape),
            }
        state = self.states[name]
        v, dt = state["v"], self.semantics["dt"]
        if kind in ("CubaLIF", "CubaLI"):
            drive = number("w_in", 1.0) * arriving[0]
            state["i"] = state["i"] + self.share(name, "tau_syn") * (drive - state["i"])
            v = v + self.share(name, "tau_mem") * (rest - v + number("r", 1.0) * state["i"])
        elif kind in ("LIF", "ALIF", "LI", "Lowpass"):
            v = v + self.share(name, "tau") * (rest - v + number("r", 1.0) * arriving[0])
        elif kind in ("IF", "I"):
            v = v + dt * number("r", 1.0) * arriving[0]
        elif kind == "Threshold":
            v = arriving[0]
        elif kind == "ConductanceLIF":
            pull = rest - v
            for port, value, key in zip(("excitatory", "inhibitory"), arriving, ("e", "i")):
                conductance = state[port] + value
                pull = pull + conductance * (number(f"e_{key}") - v)
                state[port] = conductance - self.share(name, f"tau_{key}") * conductance
            v = v + self.share(name, "tau") * pull
        else:
            raise ValueError(kind)
        if kind in ("LI", "I", "Lowpass", "CubaLI"):
            state["v"] = v
            self.membranes.setdefault(name, []).append(v)
            return v
        return self.fire(name, v, "threshold" if kind == "Threshold" else "v_threshold")

    def fire(self, name, v, threshold_key):
        number = lambda key, default=0.0: self.number(name, key, default)
        state, node = self.states[name], self.nodes[name]
        floor = node.get("v_min")
        raised = (lambda x: x) if floor is None else (lambda x: torch.where(x > floor, x, tensor(floor)))
        v = raised(v)
        if "tau_theta" in node:
            state["theta"] = state["theta"] - self.share(name, "tau_theta") * state["theta"]
        resting = state["rests"] > 0
        v = torch.where(resting, state["v"], v)
        self.membranes.setdefault(name, []).append(v)
        threshold = number(threshold_key) + state["theta"]
        distance = v - threshold
        self.margin = min(self.margin, distance.detach().abs()[~resting].min().item() if (~resting).any() else math.inf)
        spikes = torch.where(resting, torch.zeros_like(v), self.spike(distance))
        fixed = spikes.detach()
        rests = torch.round(number("tau_ref") / self.semantics["dt"])
        state["rests"] = torch.where(fixed > 0, rests, (state["rests"] - 1).clamp(min=0))
        resets = spikes if self.through_reset else fixed
        if self.semantics["reset"] == "subtract":
            v = v - resets * (threshold - number("v_reset"))
        else:
            v = (1 - resets) * v + resets * number("v_reset")
        state["v"] = raised(v)
        rise = number("theta_plus")
        if "beta" in node:
            share = self.share(name, "tau_theta")
            rise = rise + number("beta") * share / (1 - share)
        state["theta"] = state["theta"] + rise * spikes
        return spikes


def dense(net, name, node, x):
    weight, bias = net.number(name, "weight"), net.number(name, "bias")
    product = torch.einsum("b...i,...oi->b...o", x, weight)
    return product if bias is None else product + bias


def convolution(net, name, node, x):
    convolve = F.conv1d if node["type"] == "Conv1d" else F.conv2d
    options = {key: node[key] for key in ("stride", "padding", "dilation", "groups") if key in node}
    return convolve(x, net.number(name, "weight"), net.number(name, "bias"), **options)


def transposed(net, name, node, x):
    convolve = F.conv_transpose1d if node["type"].endswith("1d") else F.conv_transpose2d
    options = {key: node[key] for key in ("stride", "padding", "output_padding", "dilation", "groups") if key in node}
    weight, groups = net.number(name, "weight"), node.get("groups", 1)
    by_inputs = torch.cat([part.transpose(0, 1) for part in weight.chunk(groups)])
    return convolve(x, by_inputs, net.number(name, "bias"), **options)


def means(net, name, node, x):
    pool = F.avg_pool1d if node["type"].endswith("1d") else F.avg_pool2d
    return pool(x, node["kernel_size"], node["stride"], node.get("padding", 0))


def sums(net, name, node, x):
    size = node["kernel_size"]
    return means(net, name, node, x) * (math.prod(size) if isinstance(size, list) else size ** (x.dim() - 2))


def sparse(net, name, node, x):
    weight, offset, target = net.number(name, "weight"), node["offset"], node["target"]
    columns = [torch.zeros(len(x), dtype=torch.float64) for _ in range(node["outputs"])]
    for source in range(len(offset) - 1):
        for k in range(offset[source], offset[source + 1]):
            columns[target[k]] = columns[target[k]] + weight[k] * x[:, source]
    return torch.stack(columns, 1)


def all_but_one(net, name, node, x):
    others = 1 - torch.eye(x.shape[1], dtype=torch.float64)
    return net.number(name, "weight") * (x @ others)


def nearest(net, name, node, x):
    return F.interpolate(x, scale_factor=float(node["scale_factor"]), mode="nearest")


def part(net, name, node, x):
    """Channels among others, which are 0."""
    start, whole = node.get("start", 0), node["channels"]
    zeros = lambda channels: torch.zeros(len(x), channels, *x.shape[2:], dtype=x.dtype)
    return torch.cat([zeros(start), x, zeros(whole - start - x.shape[1])], 1)


CONNECTIONS = {
    **{"Linear": dense, "Affine": dense, "Conv1d": convolution, "Conv2d": convolution, "Sparse": sparse},
    **{"ConvTranspose1d": transposed, "ConvTranspose2d": transposed},
    **{"AvgPool1d": means, "AvgPool2d": means, "SumPool1d": sums, "SumPool2d": sums, "AllButOne": all_but_one},
    **{"Upsample1d": nearest, "Upsample2d": nearest, "Concat": part},
    "GlobalAvgPool1d": lambda net, name, node, x: x.mean(2, keepdim=True),
    "GlobalAvgPool2d": lambda net, name, node, x: x.mean((2, 3), keepdim=True),
    "Scale": lambda net, name, node, x: net.number(name, "scale") * x,
}
