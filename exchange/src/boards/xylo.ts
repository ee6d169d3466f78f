import { among, atMost, type BoardLimit, type PublishedBoard } from '@spikewire/engine/executor';
import { elementCount } from '@spikewire/models';
import { type Net, netOf, type Population } from '../net/net.ts';
import { abstract, file, secondHand } from './publications.ts';
import { eachPopulation, fanIn, fanOut, weightBits } from './synapses.ts';

const SIZES = abstract('SynSense, Rockpool documentation, xylo-overview');
const MAPPER = file('Rockpool, devices/xylo, xylo_mapper.py');
const FAN_IN = secondHand('open-neuromorphic.org, Xylo: fan-in of 63');

interface Family {
  readonly board: string;
  readonly name: string;
  readonly inputs: number;
  readonly hidden: number;
  readonly outputs: number;
  readonly fanOut: number;
  /** Hidden neurons that Inputs reach. */
  readonly projection: number;
}

const FAMILIES: readonly Family[] = [
  { board: 'audio2', name: 'Xylo Audio 2', inputs: 16, hidden: 1000, outputs: 8, fanOut: 64, projection: 1000 },
  { board: 'audio3', name: 'Xylo Audio 3', inputs: 16, hidden: 992, outputs: 32, fanOut: 1024, projection: 128 },
  { board: 'imu', name: 'Xylo IMU', inputs: 16, hidden: 496, outputs: 16, fanOut: 512, projection: 128 },
];

/**
 * SynSense's digital chips: one hidden layer, recurrent, and one layer of outputs. Not checked: how many hidden neurons
 * reach outputs, and that Inputs send spikes.
 */
export const xylo: readonly PublishedBoard[] = FAMILIES.map((family) => ({
  address: `xylo:${family.board}`,
  name: `SynSense ${family.name}`,
  limits: async (model) => limitsOf(netOf(model), family),
}));

function limitsOf(net: Net, { inputs, hidden, outputs, fanOut: mostOut, projection }: Family): BoardLimit[] {
  const last = net.populations.filter(({ index }) => leadsOut(net, index));
  const inside = net.spiking.filter((population) => !last.includes(population));
  const sizeOf = (populations: readonly { neurons: number }[]) =>
    populations.reduce((sum, { neurons }) => sum + neurons, 0);
  const channels = net.nodes.filter(({ kind }) => kind.role === 'input');
  const reached = inside.filter(({ index }) =>
    net.projectionsInto(index).some(({ source }) => net.nodes[source]!.kind.role === 'input'),
  );
  return [
    ...channels.map(({ name, shape }) => atMost('channels of an Input', elementCount(shape), inputs, SIZES, name)),
    ...eachPopulation(net, (population) => [
      ...resets(population),
      fanIn(net, population, 63, FAN_IN),
      fanOut(net, population, mostOut, MAPPER),
    ]),
    atMost('hidden neurons', sizeOf(inside), hidden, SIZES),
    atMost('hidden neurons that Inputs reach', sizeOf(reached), projection, SIZES),
    atMost('output neurons', sizeOf(last), outputs, SIZES),
    ...weightBits(net, [8], SIZES),
  ];
}

function resets({ name, neurons, firing }: Population): BoardLimit[] {
  if (firing === undefined) return [];
  const reset = firing.reset === 'subtract' ? 'by subtraction' : 'to a value';
  return [among('reset', reset, ['by subtraction'], SIZES, name, `its ${neurons} neurons`)];
}

function leadsOut({ wiring, nodes }: Net, index: number): boolean {
  return wiring.outgoing[index]!.some(({ target }) => nodes[target]!.kind.role === 'output');
}
