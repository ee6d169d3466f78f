import { atMost, type PublishedBoard } from '@spikewire/engine/executor';
import { netOf } from '../net/net.ts';
import { secondHand } from './publications.ts';
import { eachPopulation, neuronsOf, synapsesOf } from './synapses.ts';

const CHIP = secondHand('WikiChip and open-neuromorphic.org, Loihi 2');
const CORES = 128;
const NEURONS_OF_CORE = 8192;

/** Its neurons are programs, so kinds are no limit; memory and axons of a core are not published. */
export const loihi2: PublishedBoard = {
  address: 'loihi2',
  name: 'Intel Loihi 2, one chip',
  async limits(model) {
    const net = netOf(model);
    const cores = (neurons: number) => Math.ceil(neurons / NEURONS_OF_CORE);
    return [
      ...eachPopulation(net, ({ name, neurons }) => [atMost('cores', cores(neurons), CORES, CHIP, name)]),
      atMost('neurons', neuronsOf(net), CORES * NEURONS_OF_CORE, CHIP),
      atMost('synapses', synapsesOf(net), 120_000_000, CHIP),
    ];
  },
};
