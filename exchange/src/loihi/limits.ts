import { among, atMost, type BoardLimit, type PublishedBoard } from '@spikewire/engine/executor';
import type { Model } from '@spikewire/models';
import { type Net, netOf, type Population } from '../net/net.ts';
import { spikesAlone } from '../net/spikes-alone.ts';
import { CORE, CORES, PROFILES, REFRACTORY, SYNAPTIC_DELAY, sources, WEIGHT } from './chip.ts';
import { delayLimits } from './chip-delays.ts';
import { compartmentLimits } from './compartment-limits.ts';
import { type Placed, placedOnCores } from './cores.ts';
import { explicitNet } from './explicit-net.ts';
import { learningLimits } from './learning-limits.ts';
import { synapticDelay } from './registers.ts';
import { roundingOf } from './rounding.ts';
import { roundingLimits } from './rounding-limits.ts';
import { formatsInto } from './synapse-formats.ts';
import { wayLimits } from './way-limits.ts';
import { weightLimits } from './weight-limits.ts';

/** Neurons that a compartment computes: one current, one leak, a threshold that stays, a reset to one value. */
export const COMPARTMENT_TYPES = ['IF', 'LIF', 'CubaLIF', 'LoihiLIF'] as const;

/** The first Loihi, of Intel; one chip. Read-outs whose state is read are left to the machine beside it. */
export const loihi: PublishedBoard = {
  address: 'loihi',
  name: 'Intel Loihi, one chip of the first generation',
  limits: async (model) => [...loihiLimits(model), ...learningLimits(netOf(model))],
  notes: async ({ learning }) =>
    Array.from(learning.keys(), (node) => `node "${node}": quantize leaves its learning out`),
};

/**
 * What of a model, its learning apart, meets the limits of Loihi, node by node, and of the chip as a whole: just what
 * `quantizeForLoihi` takes meets them all.
 */
export function loihiLimits(model: Model): BoardLimit[] {
  const net = netOf(model);
  const neurons = net.spiking.flatMap((each) => [
    ...ofNeurons(each),
    ...ofDelays(net, each),
    ...weightLimits(net, each),
  ]);
  const ofNodes = [...spikesAlone(net, sources.compartment), ...neurons, ...ofMaxPooling(net)];
  const ofChip = ofCores(net);
  const isRounded = [...ofNodes, ...ofChip].every(({ fits }) => fits);
  return [...ofNodes, ...(isRounded ? ofRounding(net) : []), ...ofChip];
}

/** What only the net shows in which each way has a weight, and whose populations are rounded. */
function ofRounding(net: Net): BoardLimit[] {
  const explicit = explicitNet(net.model);
  const ways = [
    ...explicit.spiking.flatMap((each) => wayLimits(explicit, each)),
    ...delayLimits(explicit.wiring.graph),
  ];
  const rounded = ways.every(({ fits }) => fits) ? explicit.spiking.flatMap((each) => ofRounded(explicit, each)) : [];
  return [...ways, ...rounded].map(({ node, ...limit }) => ({ ...placeIn(net, node), ...limit }));
}

function ofRounded(net: Net, population: Population): BoardLimit[] {
  const { name } = population;
  const rounding = population.node.node.type === 'LoihiLIF' ? undefined : roundingOf(net, population, []);
  return [
    ...(rounding === undefined ? [] : roundingLimits(name, rounding)),
    atMost(
      'formats of synapses on a core',
      formatsInto(net, population, rounding),
      PROFILES.synapse,
      sources.profiles,
      name,
    ),
  ];
}

/** A weight that the explicit net adds to a bare edge stands for the whole net. */
function placeIn({ nodes }: Net, node: string | undefined): { readonly node?: string } {
  return node !== undefined && nodes.some(({ name }) => name === node) ? { node } : {};
}

function ofNeurons(population: Population): BoardLimit[] {
  const { name, node, neurons, firing } = population;
  const { type } = node.node;
  const all = `its ${neurons} neurons`;
  const kind = among('type of neurons', type, COMPARTMENT_TYPES, sources.compartment, name, all);
  if (!kind.fits || firing === undefined) return [kind];
  const rest = firing.refractorySteps.reduce((most, steps) => Math.max(most, steps), 0);
  return [
    kind,
    among(
      'reset',
      firing.reset === 'subtract' ? 'by subtraction' : 'to a value',
      ['to a value'],
      sources.compartment,
      name,
      all,
    ),
    among('spikes in a step', firing.spikesPerStep, ['one'], sources.compartment, name, all),
    atMost('refractory steps', rest + REFRACTORY.least, REFRACTORY.most, sources.registers, name),
    ...(type === 'LoihiLIF' ? [comparison(population)] : []),
    ...compartmentLimits(population),
  ];
}

/** Other neurons get another threshold when they are rounded. */
function comparison({ name, neurons, firing }: Population): BoardLimit {
  const given = firing!.comparison === 'ge' ? 'at the threshold' : 'above the threshold';
  return among('spikes', given, ['above the threshold'], sources.compartment, name, `its ${neurons} neurons`);
}

function ofDelays(net: Net, { index, name }: Population): BoardLimit[] {
  const longest = net.projectionsInto(index).reduce((most, each) => Math.max(most, synapticDelay(net, each)), 0);
  return longest === 0 ? [] : [atMost('steps of synaptic delay', longest, SYNAPTIC_DELAY, sources.delay, name)];
}

function ofMaxPooling({ nodes, wiring }: Net): BoardLimit[] {
  return nodes.flatMap(({ name }, index) => {
    if (wiring.connectivity[index]?.structure !== 'selection') return [];
    return [among('connection', 'chooses among arrivals', ['adds arrivals'], sources.compartment, name, 'its outputs')];
  });
}

function ofCores(net: Net): BoardLimit[] {
  const { synapses } = net.demand;
  const weightBits = net.model.quantization?.bits ?? WEIGHT.bits;
  const all = atMost('bits of weights on the chip', synapses * weightBits, CORES * CORE.synapseBits, sources.core);
  if (!all.fits) return [all];
  const placed = placedOnCores(net, weightBits);
  const taken = placed.reduce((sum, { cores }) => sum + cores, 0);
  return [
    ...placed.flatMap(ofCore),
    atMost('cores, each with one population or a part of it', taken, CORES, sources.chip),
  ];
}

function ofCore({ population: { name }, cores, load }: Placed): BoardLimit[] {
  const onEach = cores === 1 ? 'on its core' : `on each of its ${cores} cores`;
  return [
    atMost(`compartments ${onEach}`, load.compartments, CORE.compartments, sources.core, name),
    atMost(`axons into ${cores === 1 ? 'its core' : 'a core'}`, load.inAxons, CORE.inAxons, sources.core, name),
    atMost(`axons out of ${cores === 1 ? 'its core' : 'a core'}`, load.outAxons, CORE.outAxons, sources.core, name),
    atMost(`bits of synapses ${onEach}`, load.synapseBits, CORE.synapseBits, sources.bits, name),
    atMost(`compartment profiles ${onEach}`, load.compartmentProfiles, PROFILES.compartment, sources.profiles, name),
    atMost(`threshold profiles ${onEach}`, load.thresholdProfiles, PROFILES.threshold, sources.profiles, name),
    atMost(`pairs of v_min and v_max ${onEach}`, load.membranePairs, PROFILES.membranePairs, sources.pairs, name),
  ];
}
