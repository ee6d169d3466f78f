import { fanOf } from '@spikewire/engine';
import {
  demandOf,
  elementCount,
  encoderKindOf,
  type Model,
  type ResolvedGraph,
  resolveGraph,
  SpikewireError,
  wire,
} from '@spikewire/models';
import {
  among,
  atMost,
  type BoardLimit,
  type BoardProfile,
  type LimitSource,
  refuseMisfits,
} from 'spikewire/accelerators';

/** Cores of a chip, one of which is its monitor, and chips of the largest board (SpiNN-5). */
const [CORES, CHIPS] = [18, 48];
const WORKING_CORES = CORES - 1;
const NEURONS_PER_CORE = 256;
/** Steps of 16 on the core itself, and of 8 × 16 on a core for delays. */
const LONGEST_DELAY = 144;
const SDRAM = 123_469_792;
/** Bytes of a synapse: weight, delay, type and target in a word. */
const SYNAPSE_BYTES = 4;

const machine: LimitSource = { title: 'SpiNNMachine fe5a06a, version_spin1.py', evidence: 'source file' };
const coreSize: LimitSource = { title: 'sPyNNaker, constants.py (older version)', evidence: 'source file' };
const boardSize: LimitSource = { title: 'SpiNN-5 board, 48 chips; sPyNNaker, constants.py', evidence: 'second hand' };
const packets: LimitSource = { title: 'SpiNNMan a79d3a3, messages/eieio', evidence: 'source file' };

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
      rules: [],
      runs: 'windows',
    },
    async expectFit(model) {
      const broken = limitsOf(model).find(({ fits }) => !fits);
      if (broken === undefined) return refuseMisfits(this, model);
      const { node, what, needs, has } = broken;
      const where = node === undefined ? 'model' : `node "${node}"`;
      throw new SpikewireError('unsupported', where, `needs ${needs} (${what})`, `${has} on spinnaker:spin5`);
    },
    limits: async (model) => limitsOf(model),
    notes: async ({ sample }) => [
      'weights become 16 bits, by a shift for each type of synapse (sPyNNaker, synapse_row.h)',
      ...(sample.between === 'continue' ? [] : ['its driver resets no membranes: set sample.between to "continue"']),
    ],
  },
];

function limitsOf(model: Model): BoardLimit[] {
  const graph = resolveGraph(model.graph, model.semantics);
  const populations = graph.nodes.filter(({ kind }) => kind.role === 'neuron');
  const cores = populations.reduce((sum, { shape }) => sum + Math.ceil(elementCount(shape) / NEURONS_PER_CORE), 0);
  const { synapses } = demandOf(model, graph);
  const memory = atMost('bytes of SDRAM for synapses', synapses * SYNAPSE_BYTES, CHIPS * SDRAM, machine);
  return [
    atMost('cores, at 256 neurons of one population each', cores, CHIPS * WORKING_CORES, boardSize),
    memory,
    ...spikesOf(model, graph),
    ...(memory.fits ? delaysOf(graph) : []),
  ];
}

/** A packet has keys, and a key is a spike of a neuron. */
function spikesOf({ encoder }: Model, { nodes }: ResolvedGraph): BoardLimit[] {
  return nodes.flatMap(({ name, kind }) => {
    if (kind.role === 'neuron') {
      const emits = kind.emits === 'spikes' ? 'spikes' : 'its state';
      return [among('output of a population', emits, ['spikes'], packets, name, 'its neurons')];
    }
    const declared = encoder.get(name);
    if (kind.role !== 'input' || declared === undefined) return [];
    const { type, parameters } = declared;
    const isSpikes = encoderKindOf(type, name).emits(parameters) === 'spikes' && parameters.polarity !== 'signed';
    const sends = isSpikes ? 'spikes' : 'numbers';
    return [among('output of an Input', sends, ['spikes'], packets, name, 'its elements')];
  });
}

function delaysOf(graph: ResolvedGraph): BoardLimit[] {
  const { delayInto } = fanOf(wire(graph));
  return graph.nodes.flatMap(({ name, kind }, index) => {
    if (kind.role !== 'neuron') return [];
    return [atMost('steps of delay, with delay cores', delayInto(index), LONGEST_DELAY, coreSize, name)];
  });
}
