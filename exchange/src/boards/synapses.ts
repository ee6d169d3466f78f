import { atMost, type BoardLimit, type LimitSource } from '@spikewire/engine/executor';
import type { Net, Population } from '../net/net.ts';

/** Populations that are on a board: those that spike. */
export function eachPopulation(net: Net, limits: (population: Population) => readonly BoardLimit[]): BoardLimit[] {
  return net.spiking.flatMap((population) => limits(population));
}

export function fanIn(net: Net, { index, name }: Population, most: number, source: LimitSource): BoardLimit {
  return atMost('fan-in of a neuron', net.fan.into(index), most, source, name);
}

export function fanOut(net: Net, { index, name }: Population, most: number, source: LimitSource): BoardLimit {
  return atMost('fan-out of a neuron', net.fan.outOf(index), most, source, name);
}

/** Bits of the weights of an integer model; those of a float model are yet to be rounded. */
export function weightBits({ model }: Net, bits: readonly number[], source: LimitSource): BoardLimit[] {
  const { quantization } = model;
  if (quantization === undefined) return [];
  const most = bits.reduce((largest, each) => Math.max(largest, each), 0);
  return [atMost('bits of weights', quantization.bits, most, source)];
}

/** The most different weights into one neuron, the sign and 0 apart: what selects a weight has so many of them. */
export function differentWeights(net: Net, { index }: Population, isSigned: boolean): number {
  const found = new Map<number, Set<number>>();
  for (const projection of net.projectionsInto(index)) {
    const at = projection.through.findLast((each) => net.wiring.connectivity[each]!.weights !== undefined);
    const connectivity = at === undefined ? undefined : net.wiring.connectivity[at];
    const add = (neuron: number, value: number) => {
      if (value === 0) return;
      const weights = found.get(neuron) ?? new Set();
      found.set(neuron, weights.add(isSigned ? value : Math.abs(value)));
    };
    if (connectivity === undefined) for (const neuron of projection.targets) add(neuron, 1);
    for (let input = 0; connectivity !== undefined && input < connectivity.inputs; input++)
      connectivity.forEachSynapse(input, (output, weight) => add(output, connectivity.weights![weight]!));
  }
  return [...found.values()].reduce((most, { size }) => Math.max(most, size), 0);
}

/** How many different sets of constants the neurons of a population have. */
export function differentNeurons({ linear, firing, neurons }: Population): number {
  const constants = [linear?.decay, linear?.gain, linear?.bias, linear?.current?.decay, firing?.threshold];
  const sets = new Set<string>();
  for (let n = 0; n < neurons; n++) {
    sets.add([...constants.map((each) => each?.[n]), firing?.resetValue[n], firing?.refractorySteps[n]].join());
  }
  return sets.size;
}

/** The longest way of a spike into a population, in steps. */
export function delayInto(net: Net, { index }: Population): number {
  return net.projectionsInto(index).reduce((longest, { delay }) => Math.max(longest, delay), 0);
}

export function neuronsOf(net: Net): number {
  return net.spiking.reduce((sum, { neurons }) => sum + neurons, 0);
}

/** Synapses into populations that spike. */
export function synapsesOf(net: Net): number {
  return net.spiking.reduce(
    (sum, { index }) => sum + net.projectionsInto(index).reduce((inside, { targets }) => inside + targets.length, 0),
    0,
  );
}
