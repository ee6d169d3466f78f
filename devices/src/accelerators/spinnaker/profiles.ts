import {
  demandOf,
  elementCount,
  type Model,
  type ResolvedGraph,
  resolveGraph,
  SpikewireError,
} from '@spikewire/models';
import type { BoardLimit, BoardProfile, LimitSource } from 'spikewire/accelerators';

/** Cores of a chip, one of which is its monitor, and chips of the largest board (SpiNN-5). */
const [CORES, CHIPS] = [18, 48];
const WORKING_CORES = CORES - 1;
const NEURONS_PER_CORE = 256;
/** Steps of 16 on the core itself, and of 8 × 16 on a core for delays. */
const LONGEST_DELAY = 144;
const SDRAM = 123_469_792;
/** Bytes of a synapse: weight, delay, type and target in a word. */
const SYNAPSE_BYTES = 4;
const WEIGHT_BITS = 16;

const machine: LimitSource = { title: 'SpiNNMachine fe5a06a, version_spin1.py', evidence: 'source file' };
const coreSize: LimitSource = { title: 'sPyNNaker, constants.py (older version)', evidence: 'source file' };
const synapses: LimitSource = { title: 'sPyNNaker, synapse_row.h (older version)', evidence: 'source file' };
const boardSize: LimitSource = { title: 'SpiNN-5 board, 48 chips', evidence: 'second hand' };

/** Boards for which a model can be looked at. The tool chain places nets, so the limits are its own. */
export const profiles: readonly BoardProfile[] = [
  {
    address: 'spinnaker:spin5',
    name: 'SpiNNaker 1, board of 48 chips',
    abilities: {
      neurons: CHIPS * WORKING_CORES * NEURONS_PER_CORE,
      synapses: Math.floor((CHIPS * SDRAM) / SYNAPSE_BYTES),
      longestDelay: LONGEST_DELAY,
      weightBits: [32, 8, 4],
      runs: 'windows',
    },
    async expectFit(model) {
      const broken = limitsOf(model).find(({ fits }) => !fits);
      if (broken === undefined) return;
      const { node, what, needs, has } = broken;
      const where = node === undefined ? 'model' : `node "${node}"`;
      throw new SpikewireError('unsupported', where, `needs ${needs} (${what})`, `at most ${has} on spinnaker:spin5`);
    },
    limits: async (model) => limitsOf(model),
  },
];

function limitsOf(model: Model): BoardLimit[] {
  const graph = resolveGraph(model.graph, model.semantics);
  const demand = demandOf(model, graph);
  const populations = graph.nodes.filter(({ kind }) => kind.role === 'neuron');
  const cores = populations.reduce((sum, { shape }) => sum + Math.ceil(elementCount(shape) / NEURONS_PER_CORE), 0);
  const bits = model.quantization?.bits;
  return [
    limit('cores, at 256 neurons of one population each', cores, CHIPS * WORKING_CORES, 'cores', coreSize),
    limit('chips, at 17 working cores each', Math.ceil(cores / WORKING_CORES), CHIPS, 'chips', boardSize),
    limit('SDRAM of synapses', demand.synapses * SYNAPSE_BYTES, CHIPS * SDRAM, 'bytes', machine),
    ...delaysOf(graph),
    // A float weight is rounded, and so fits.
    limit('bits of weights', Math.min(bits ?? WEIGHT_BITS, WEIGHT_BITS), WEIGHT_BITS, 'bits', synapses),
  ];
}

function delaysOf({ edges, nodes }: ResolvedGraph): BoardLimit[] {
  const late = edges.filter(({ delay }) => delay > 0);
  return late.map(({ target, delay }) => ({
    node: nodes[target]!.name,
    ...limit('delay before a population, with delay cores', delay, LONGEST_DELAY, 'steps', coreSize),
  }));
}

function limit(what: string, needs: number, has: number, unit: string, source: LimitSource): BoardLimit {
  return { what, needs: `${needs} ${unit}`, has: `${has} ${unit}`, fits: needs <= has, source };
}
