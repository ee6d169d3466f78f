import { atMost, type BoardLimit, type PublishedBoard } from '@spikewire/engine/executor';
import { netOf } from '../net/net.ts';
import { spikesAlone } from '../net/spikes-alone.ts';
import { abstract, file, recalled } from './publications.ts';
import { delayInto, differentWeights, eachPopulation, fanIn, fanOut, neuronsOf, weightBits } from './synapses.ts';

const CORE = abstract('Akopyan et al. 2015, IEEE TCAD 34(10): cores of 256 axons and 256 neurons');
const TYPES = file('NeMo 5edb82c, nemo_config.h: four types of axons');
const NEURON = file('NeMo 5edb82c, tn_neuron.h: delays of 1 to 15, one destination');
const BITS = recalled('Cassidy et al. 2013, IJCNN; Merolla et al. 2014, Science 345, supplement');

const CORE_SIDE = 256;
const CHIP_NEURONS = 4096 * CORE_SIDE;
/** Seconds of a tick; the chip may tick more slowly. */
const TICK = 0.001;

/**
 * A neuron adds one of its four weights for each axon that is connected; its spikes go to one axon of one core. Not
 * checked: thresholds of 18 bits and potentials of 20, which depend on how the tool chain scales a model.
 */
export const trueNorth: PublishedBoard = {
  address: 'truenorth',
  name: 'IBM TrueNorth, one chip',
  async limits(model) {
    const net = netOf(model);
    return [
      ...spikesAlone(net, CORE),
      ...eachPopulation(net, (population) => [
        fanIn(net, population, CORE_SIDE, CORE),
        fanOut(net, population, CORE_SIDE, CORE),
        atMost('different weights into a neuron', differentWeights(net, population, true), 4, TYPES, population.name),
        atMost('steps of delay', delayInto(net, population), 15, NEURON, population.name),
      ]),
      atMost('neurons', neuronsOf(net), CHIP_NEURONS, CORE),
      ...weightBits(net, [9], BITS),
      secondsOfStep(model.semantics.dt),
    ];
  },
};

function secondsOfStep(dt: number): BoardLimit {
  return { what: 'seconds of a step', needs: String(dt), has: `${TICK} or more`, fits: dt >= TICK, source: BITS };
}
