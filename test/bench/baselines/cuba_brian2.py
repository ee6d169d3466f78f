"""The network of Vogels and Abbott (2005) with current-based synapses, in Brian 2's C++ standalone mode, one thread, default compiler
flags, exact integration in float64.

cuba_brian2.py NET STEPS FOLDER: NET as cuba.c reads it, FOLDER for what is built. Then for every line on standard input one run from the
start, and a line of JSON with its milliseconds (Brian 2's own figure of its run loop) and the number of spikes, and with the spikes one
by one where the line is "spikes"."""
import json
import os
import subprocess
import sys

import numpy as np
from brian2 import Network, NeuronGroup, SpikeMonitor, Synapses, defaultclock, device, ms, mV, set_device

net, steps, folder = sys.argv[1:]
build = os.path.join(folder, "brian2-cuba")
set_device("cpp_standalone", directory=build, build_on_run=False)
with open(net, "rb") as file:
    count, excitatory = np.fromfile(file, np.int32, 2)
    offsets = np.fromfile(file, np.int32, count + 1)
    targets = np.fromfile(file, np.uint16, offsets[-1])
    potentials = np.fromfile(file, np.float64, count)

defaultclock.dt = 0.1 * ms
# Potentials from rest.
cells = NeuronGroup(
    count,
    """dv/dt = (raising + lowering - v) / (20*ms) : volt (unless refractory)
       draising/dt = -raising / (5*ms) : volt
       dlowering/dt = -lowering / (10*ms) : volt""",
    threshold="v > -1*mV",
    reset="v = -11*mV",
    refractory=5 * ms,
    method="exact",
)
cells.v = potentials * mV
sources = np.repeat(np.arange(count), np.diff(offsets))
raise_ = Synapses(cells, cells, on_pre="raising_post += 1.62*mV")
lower = Synapses(cells, cells, on_pre="lowering_post -= 9*mV")
for synapses, chosen in ((raise_, sources < excitatory), (lower, sources >= excitatory)):
    synapses.connect(i=sources[chosen], j=targets[chosen].astype(np.int32))
spikes = SpikeMonitor(cells)
network = Network(cells, raise_, lower, spikes)
network.run(int(steps) * 0.1 * ms)
device.build(directory=build, compile=True, run=True, with_output=False)
found = [[int(step), int(cell)] for step, cell in zip(np.rint(np.asarray(spikes.t / (0.1 * ms))), np.asarray(spikes.i))]

for line in sys.stdin:
    subprocess.run(["./main"], cwd=build, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with open(os.path.join(build, "results", "last_run_info.txt")) as file:
        answer = {"ms": 1000 * float(file.read().split()[0]), "count": len(found)}
    print(json.dumps({**answer, "spikes": found} if line.startswith("spikes") else answer), flush=True)
