import { atMost, type PublishedBoard } from '@spikewire/engine/executor';
import type { Net, Population } from '../net/net.ts';
import { netOf } from '../net/net.ts';
import { spikesAlone } from '../net/spikes-alone.ts';
import { abstract, file } from './publications.ts';
import { differentNeurons, differentWeights, eachPopulation, fanIn, neuronsOf } from './synapses.ts';

const SE1 = abstract('samna documentation; Richter et al. 2023: four chips of 4 × 256 neurons, 64 synapses each');
const SE2 = file('Rockpool 42cee1c, devices/dynapse/lookup/defaults.py');
const CORE_NEURONS = 256;
const SYNAPSES = 64;

/** Four kinds of synapses; a neuron tells weights apart by kind only. */
export const dynapSe1: PublishedBoard = {
  address: 'dynap-se1',
  name: 'SynSense DYNAP-SE1, one board',
  async limits(model) {
    const net = netOf(model);
    return [
      ...spikesAlone(net, SE1),
      ...eachPopulation(net, (population) => [
        fanIn(net, population, SYNAPSES, SE1),
        atMost('different weights into a neuron', differentWeights(net, population, true), 4, SE1, population.name),
      ]),
      atMost('neurons', neuronsOf(net), 4 * 4 * CORE_NEURONS, SE1),
    ];
  },
};

/** A weight is the sum of some of four currents of the core: 15 sizes beside 0. */
export const dynapSe2: PublishedBoard = {
  address: 'dynap-se2',
  name: 'SynSense DYNAP-SE2, one chip',
  async limits(model) {
    const net = netOf(model);
    const cores = net.spiking.reduce((sum, each) => sum + coresOf(each), 0);
    return [
      ...spikesAlone(net, SE2),
      ...eachPopulation(net, (population) => [
        fanIn(net, population, SYNAPSES, SE2),
        atMost('cores to which a neuron sends', targetCores(net, population), 4, SE2, population.name),
        atMost('sizes of weights into a neuron', differentWeights(net, population, false), 15, SE2, population.name),
        atMost('different sets of parameters, one for a core', differentNeurons(population), 4, SE2, population.name),
      ]),
      atMost('neurons', neuronsOf(net), 4 * CORE_NEURONS, SE2),
      atMost('cores, one population or a part of it on each', cores, 4, SE2),
    ];
  },
};

function coresOf({ neurons }: Population): number {
  return Math.ceil(neurons / CORE_NEURONS);
}

/** The cores of the populations that the neurons reach; a neuron that reaches few of a population may need fewer. */
function targetCores(net: Net, { index }: Population): number {
  const reached = net.spiking.filter((target) =>
    net.projectionsInto(target.index).some(({ source }) => source === index),
  );
  return reached.reduce((sum, target) => {
    const cores = Math.ceil(net.fan.outOf(index) / CORE_NEURONS);
    return sum + Math.min(coresOf(target), Math.max(1, cores));
  }, 0);
}
