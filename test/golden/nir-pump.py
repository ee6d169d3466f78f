"""A small spiking net of PyTorch as a NIR file, laid out as snnTorch exports it, and the samples that it learned.

  python3 test/golden/nir-pump.py test/golden/data/pump      (needs torch, numpy and h5py)

Three states of a made-up pump by three sensors. Net: 3-24-3 leaky neurons, v = beta v + x, reset to 0 in the step of a
spike, current of a reading in each of 20 steps, cross entropy of the spike counts, surrogate 1/(1 + 10|v - 1|)^2.
"""
import sys

import h5py
import numpy as np
import torch

STATES = ['idle', 'load', 'worn']
MEANS = np.array([[0.2, 0.5, 0.3], [0.6, 1.4, 0.9], [1.3, 1.6, 1.5]], dtype='f4')
STEPS, BETA, DT = 20, 0.9, 1e-4


def drawn(count, random):
    labels = random.integers(len(STATES), size=count)
    return (MEANS[labels] + 0.15 * random.standard_normal((count, 3))).astype('f4'), labels


class Spike(torch.autograd.Function):
    @staticmethod
    def forward(context, over):
        context.save_for_backward(over)
        return (over > 0).float()

    @staticmethod
    def backward(context, gradient):
        (over,) = context.saved_tensors
        return gradient / (1 + 10 * over.abs()) ** 2


def counts_of(net, samples):
    voltages = [torch.zeros(len(samples), layer.out_features) for layer in net]
    total = torch.zeros(len(samples), len(STATES))
    for _ in range(STEPS):
        x = samples
        for k, layer in enumerate(net):
            voltage = BETA * voltages[k] + layer(x)
            x = Spike.apply(voltage - 1)
            voltages[k] = voltage * (1 - x.detach())
        total = total + x
    return total


def write(path, net):
    with h5py.File(path, 'w') as file:
        file['version'] = '1.0.7'
        nodes = file.create_group('node/nodes')
        file['node/type'] = 'NIRGraph'
        order = ['input', 'fc1', 'lif1', 'fc2', 'lif2', 'output']
        file['node/edges'] = np.array(list(zip(order, order[1:])), dtype=h5py.string_dtype())
        tau = DT / (1 - BETA)
        for k, layer in enumerate(net, 1):
            affine = nodes.create_group(f'fc{k}')
            affine['type'] = 'Affine'
            affine['weight'], affine['bias'] = layer.weight.detach().numpy(), layer.bias.detach().numpy()
            leaky = nodes.create_group(f'lif{k}')
            leaky['type'] = 'LIF'
            for name, value in {'tau': tau, 'r': tau / DT, 'v_leak': 0.0, 'v_threshold': 1.0, 'v_reset': 0.0}.items():
                leaky[name] = np.full(layer.out_features, value)
        for name, kind, size in [('input', 'Input', 3), ('output', 'Output', len(STATES))]:
            end = nodes.create_group(name)
            end['type'], end['shape'] = kind, np.array([size])


torch.manual_seed(1)
torch.set_num_threads(1)
samples, labels = drawn(300, np.random.default_rng(1))
net = torch.nn.ModuleList([torch.nn.Linear(3, 24), torch.nn.Linear(24, 3)])
optimiser = torch.optim.Adam(net.parameters(), lr=5e-3)
x, y = torch.from_numpy(samples), torch.from_numpy(labels)
for _ in range(200):
    optimiser.zero_grad()
    torch.nn.functional.cross_entropy(counts_of(net, x), y).backward()
    optimiser.step()
test, truth = drawn(1000, np.random.default_rng(2))
right = (counts_of(net, torch.from_numpy(test)).argmax(1).numpy() == truth).mean()
print(f'{100 * right:.1f} % of 1,000 new samples right')
write(sys.argv[1] + '.nir', net)
with open(sys.argv[1] + '.csv', 'w') as file:
    for sample, label in zip(samples, labels):
        file.write(','.join(f'{value:.3f}' for value in sample) + f',{STATES[label]}\n')
