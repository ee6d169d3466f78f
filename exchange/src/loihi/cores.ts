import { numbersOf } from '@spikewire/models';
import type { Net, Population } from '../net/net.ts';
import type { Projection } from '../net/projection.ts';
import { CORE, CORES, DECAY, PROFILES } from './chip.ts';
import { decaysOf, synapticDelay } from './registers.ts';
import { axonBits, delayBits, type SynapseFormat } from './synapse-bits.ts';

/** What a core holds of a population, at most over the cores that share the population. */
export interface CoreLoad {
  readonly compartments: number;
  readonly inAxons: number;
  readonly outAxons: number;
  readonly synapseBits: number;
  readonly compartmentProfiles: number;
  readonly thresholdProfiles: number;
  /** Pairs of a lowest and a highest membrane. */
  readonly membranePairs: number;
}

/** A population in parts of the same size, a core each. */
export interface Placed {
  readonly population: Population;
  readonly cores: number;
  readonly load: CoreLoad;
}

const MOST: CoreLoad = {
  compartments: CORE.compartments,
  inAxons: CORE.inAxons,
  outAxons: CORE.outAxons,
  synapseBits: CORE.synapseBits,
  compartmentProfiles: PROFILES.compartment,
  thresholdProfiles: PROFILES.threshold,
  membranePairs: PROFILES.membranePairs,
};

/**
 * The fewest cores for each population that spikes, in parts of the same size, none of which shares a core with another
 * population. It ends where they are more than a chip has; and a part that one neuron alone does not fit keeps a load
 * that is too much.
 */
export function placedOnCores(net: Net, weightBits: number): Placed[] {
  const populations = net.spiking;
  const cores = new Map(populations.map((each) => [each.index, fewest(net, each, weightBits)]));
  for (;;) {
    const placed = populations.map((population): Placed => {
      const count = cores.get(population.index)!;
      return { population, cores: count, load: loadOf(net, population, cores, weightBits) };
    });
    const full = placed.filter(({ population, cores: count, load }) => isTooMuch(load) && count < population.neurons);
    const taken = placed.reduce((sum, { cores: count }) => sum + count, 0);
    if (full.length === 0 || taken > CORES) return placed;
    // One by one, because the bits of an axon are rounded: fewer compartments on a core may need more together.
    for (const { population, cores: count } of full) cores.set(population.index, count + 1);
  }
}

/** Cores that a population takes if its synapses leave no bit of the memory empty. */
function fewest(net: Net, { index, neurons }: Population, weightBits: number): number {
  const synapses = net.projectionsInto(index).reduce((sum, { targets }) => sum + targets.length, 0);
  const bits = Math.ceil((synapses * weightBits) / CORE.synapseBits);
  return Math.min(neurons, Math.max(bits, Math.ceil(neurons / CORE.compartments)));
}

function isTooMuch(load: CoreLoad): boolean {
  return (Object.keys(MOST) as (keyof CoreLoad)[]).some((key) => load[key] > MOST[key]);
}

function loadOf(net: Net, population: Population, cores: ReadonlyMap<number, number>, weightBits: number): CoreLoad {
  const { index, neurons } = population;
  const parts = cores.get(index)!;
  const size = Math.ceil(neurons / parts);
  const inAxons = new Float64Array(parts);
  const synapseBits = new Float64Array(parts);
  for (const projection of net.projectionsInto(index)) {
    const format = { weightBits, delayBits: delayBits(Math.max(0, synapticDelay(net, projection))) };
    addProjection(projection, { size, neurons, format, inAxons, synapseBits });
  }
  return {
    compartments: size,
    inAxons: Math.max(...inAxons),
    synapseBits: Math.max(...synapseBits),
    outAxons: outAxons(net, population, cores, size),
    ...profiles(population, size),
  };
}

interface Parts {
  readonly size: number;
  readonly neurons: number;
  readonly format: SynapseFormat;
  readonly inAxons: Float64Array;
  readonly synapseBits: Float64Array;
}

/** Each source that reaches a part is an axon of it. */
function addProjection(projection: Projection, { size, neurons, format, inAxons, synapseBits }: Parts): void {
  forEachPart(projection, size, (_source, part, synapses) => {
    const compartments = Math.min(size, neurons - part * size);
    inAxons[part]! += 1;
    synapseBits[part]! += axonBits(synapses, compartments, format);
  });
}

function forEachPart(
  { offsets, targets }: Projection,
  size: number,
  visit: (source: number, part: number, synapses: number) => void,
): void {
  for (let source = 0; source + 1 < offsets.length; source++) {
    for (let k = offsets[source]!; k < offsets[source + 1]!; ) {
      const [part, start] = [Math.floor(targets[k]! / size), k];
      while (k < offsets[source + 1]! && Math.floor(targets[k]! / size) === part) k++;
      visit(source, part, k - start);
    }
  }
}

/** A neuron has an axon to each core of each population that it reaches, way by way. */
function outAxons(net: Net, { index, neurons }: Population, cores: ReadonlyMap<number, number>, size: number): number {
  const axons = new Float64Array(Math.ceil(neurons / size));
  for (const target of net.spiking) {
    const targetSize = Math.ceil(target.neurons / cores.get(target.index)!);
    for (const projection of net.projectionsInto(target.index)) {
      if (projection.source !== index) continue;
      forEachPart(projection, targetSize, (source) => {
        axons[Math.floor(source / size)]! += 1;
      });
    }
  }
  return Math.max(...axons);
}

type Profiles = Pick<CoreLoad, 'compartmentProfiles' | 'thresholdProfiles' | 'membranePairs'>;

/** Different decays and rests, different thresholds, and different ends of membranes, on one core. */
function profiles(population: Population, size: number): Profiles {
  const { firing, neurons, node } = population;
  const { membrane, current } = decaysOf(population);
  const highest = numbersOf(node.node, 'v_max')?.data ?? [];
  let [compartmentProfiles, thresholdProfiles, membranePairs] = [0, 0, 0];
  for (let start = 0; start < neurons; start += size) {
    const [settings, thresholds, pairs] = [new Set<number>(), new Set<number>(), new Set<string>()];
    for (let n = start; n < Math.min(neurons, start + size); n++) {
      const decays = (DECAY + 1) * (membrane?.[n] ?? 0) + (current?.[n] ?? DECAY);
      settings.add((DECAY + 1) ** 2 * (firing?.refractorySteps[n] ?? 0) + decays);
      thresholds.add((firing?.threshold[n] ?? 0) - (firing?.resetValue[n] ?? 0));
      pairs.add(`${firing?.minimum?.[n]} ${highest[highest.length === 1 ? 0 : n]}`);
    }
    compartmentProfiles = Math.max(compartmentProfiles, settings.size);
    thresholdProfiles = Math.max(thresholdProfiles, thresholds.size);
    membranePairs = Math.max(membranePairs, pairs.size);
  }
  return { compartmentProfiles, thresholdProfiles, membranePairs };
}
