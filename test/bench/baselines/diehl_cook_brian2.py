"""The network of Diehl and Cook (2015) with learning, in Brian 2's C++ standalone mode, one thread, default compiler flags.

diehl_cook_brian2.py NET FOLDER: NET as diehl_cook.c reads it, FOLDER for what is built. Then for every line on standard input one run,
and a line of JSON with its milliseconds (Brian 2's own figure of its run loop) and its spikes."""
import json
import os
import subprocess
import sys

import numpy as np
from brian2 import NeuronGroup, Network, SpikeGeneratorGroup, SpikeMonitor, Synapses, defaultclock, device, ms, mV, set_device

net, folder = sys.argv[1:]
build = os.path.join(folder, "brian2")
set_device("cpp_standalone", directory=build, build_on_run=False)
with open(net, "rb") as file:
    inputs, neurons, steps, events = np.fromfile(file, np.int32, 4)
    weights = np.fromfile(file, np.float64, inputs * neurons)
    at = np.fromfile(file, np.int32, events)
    source = np.fromfile(file, np.int32, events)

defaultclock.dt = 0.5 * ms
digits = SpikeGeneratorGroup(inputs, source, at * 0.5 * ms)
excitatory = NeuronGroup(
    neurons,
    """dv/dt = (-65*mV - v + g*(0*mV - v) + h*(-100*mV - v)) / (100*ms) : volt (unless refractory)
       dg/dt = -g / (1*ms) : 1
       dh/dt = -h / (2*ms) : 1
       dtheta/dt = -theta / (1e7*ms) : volt""",
    threshold="v > theta - 72*mV",
    reset="v = -65*mV; theta += 0.05*mV",
    refractory=5 * ms,
    method="euler",
)
inhibitory = NeuronGroup(
    neurons,
    """dv/dt = (-60*mV - v + g*(0*mV - v)) / (10*ms) : volt (unless refractory)
       dg/dt = -g / (1*ms) : 1""",
    threshold="v > -40*mV",
    reset="v = -45*mV",
    refractory=2 * ms,
    method="euler",
)
excitatory.v, excitatory.theta, inhibitory.v = -65 * mV, 20 * mV, -60 * mV
learned = Synapses(
    digits,
    excitatory,
    """w : 1
       dx/dt = -x / (20*ms) : 1 (event-driven)""",
    on_pre="g_post += w; x += 1",
    on_post="w = clip(w + 0.01*(x - 0.4)*(1 - w), 0, 1)",
)
learned.connect()
learned.w = weights
learned.pre.order, learned.post.order = 0, 1
one = Synapses(excitatory, inhibitory, on_pre="g_post += 10.4")
one.connect(j="i")
others = Synapses(inhibitory, excitatory, on_pre="h_post += 17")
others.connect(condition="i != j")
spikes = SpikeMonitor(excitatory)
network = Network(digits, excitatory, inhibitory, learned, one, others, spikes)
network.run(steps * 0.5 * ms)
device.build(directory=build, compile=True, run=True, with_output=False)
count = int(spikes.num_spikes)

for line in sys.stdin:
    subprocess.run(["./main"], cwd=build, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with open(os.path.join(build, "results", "last_run_info.txt")) as file:
        print(json.dumps({"ms": 1000 * float(file.read().split()[0]), "count": count}), flush=True)
