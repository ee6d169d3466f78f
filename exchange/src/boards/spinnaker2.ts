import { atMost, type PublishedBoard } from '@spikewire/engine/executor';
import { netOf } from '../net/net.ts';
import { file } from './publications.ts';
import { eachPopulation } from './synapses.ts';

const CHIP = file('SpiNNMachine, version_spin2.py: 153 cores, 16,384 entries of the router');

/** Neurons are programs. Neurons and bytes of synapses for a core are not published as limits. */
export const spinnaker2: PublishedBoard = {
  address: 'spinnaker2',
  name: 'SpiNNaker 2, one chip',
  async limits(model) {
    const net = netOf(model);
    const sources = new Set(net.spiking.flatMap(({ index }) => net.projectionsInto(index).map(({ source }) => source)));
    return [
      ...eachPopulation(net, ({ name }) => [atMost('cores, at least', 1, 153, CHIP, name)]),
      atMost('cores, at least one for each population', net.spiking.length, 153, CHIP),
      atMost('entries of the router, at least one for each source', sources.size, 16_384, CHIP),
    ];
  },
};
