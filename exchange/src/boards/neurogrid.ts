import { atMost, type PublishedBoard } from '@spikewire/engine/executor';
import { netOf } from '../net/net.ts';
import { spikesAlone } from '../net/spikes-alone.ts';
import { abstract, secondHand } from './publications.ts';
import { differentNeurons, eachPopulation, neuronsOf } from './synapses.ts';

const BOARD = abstract('Stanford Brains in Silicon; Benjamin et al. 2014: 16 Neurocores of 256 × 256 neurons');
const SHARED = secondHand('Benjamin et al. 2014, as others tell it: 79 parameters shared by the neurons of a core');

const CORES = 16;
const CORE_NEURONS = 256 * 256;

/** Analog neurons in real time. How its synapses hold weights is not published. */
export const neurogrid: PublishedBoard = {
  address: 'neurogrid',
  name: 'Neurogrid, one board',
  async limits(model) {
    const net = netOf(model);
    const cores = net.spiking.reduce((sum, { neurons }) => sum + Math.ceil(neurons / CORE_NEURONS), 0);
    return [
      ...spikesAlone(net, BOARD),
      ...eachPopulation(net, (population) => [
        atMost('neurons', population.neurons, CORES * CORE_NEURONS, BOARD, population.name),
        atMost(
          'different sets of parameters, one for a core',
          differentNeurons(population),
          CORES,
          SHARED,
          population.name,
        ),
      ]),
      atMost('neurons', neuronsOf(net), CORES * CORE_NEURONS, BOARD),
      atMost('cores, one population or a part of it on each', cores, CORES, SHARED),
    ];
  },
};
