import { atMost, type BoardLimit, type LimitSource, type PublishedBoard } from '@spikewire/engine/executor';
import { type Net, netOf, type Population } from '../net/net.ts';
import { spikesAlone } from '../net/spikes-alone.ts';
import { abstract, file, recalled } from './publications.ts';
import { eachPopulation, synapsesOf, weightBits } from './synapses.ts';

const WAFER = abstract('HBP SP9 guidebook; KIP news 2020: 384 HICANNs of 512 neurons and 114,688 synapses');
const WAFER_BITS = recalled('Pfeil et al. 2012, Front. Neurosci. 6: weights of 4 bits');
const SYNAPSES = file('halco and haldls, vx neuron.h and synapse.h: 512 neurons, 256 rows, weights of 0 to 63');

const HICANNS = 384;

/** Circuits of neurons that a population takes, where each has so many synapses and they can be joined. */
function circuits(net: Net, { index, neurons }: Population, synapses: number): number {
  return neurons * Math.max(1, Math.ceil(net.fan.into(index) / synapses));
}

function ofCircuits(net: Net, synapses: number, most: number, source: LimitSource): BoardLimit[] {
  const what = `circuits of neurons, with ${synapses} synapses each`;
  const all = net.spiking.reduce((sum, population) => sum + circuits(net, population, synapses), 0);
  return [
    ...eachPopulation(net, (each) => [atMost(what, circuits(net, each, synapses), most, source, each.name)]),
    atMost(what, all, most, source),
  ];
}

export const brainScales1: PublishedBoard = {
  address: 'brainscales1',
  name: 'BrainScaleS-1, one wafer',
  async limits(model) {
    const net = netOf(model);
    return [
      ...spikesAlone(net, WAFER),
      ...ofCircuits(net, 224, HICANNS * 512, WAFER),
      atMost('synapses', synapsesOf(net), HICANNS * 114_688, WAFER),
      ...weightBits(net, [4], WAFER_BITS),
    ];
  },
};

/** The sign of weights is that of a row: whether a source needs two is not counted here. */
export const brainScales2: PublishedBoard = {
  address: 'brainscales2',
  name: 'BrainScaleS-2, one chip',
  async limits(model) {
    const net = netOf(model);
    return [
      ...spikesAlone(net, SYNAPSES),
      ...ofCircuits(net, 256, 512, SYNAPSES),
      atMost('synapses', synapsesOf(net), 2 * 256 * 256, SYNAPSES),
      // 0 … 63 beside the sign of the row.
      ...weightBits(net, [7], SYNAPSES),
    ];
  },
};
