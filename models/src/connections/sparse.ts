import { SpikewireError } from '../error.ts';
import type { GraphNode } from '../graph/graph.ts';
import { numbersOf } from '../graph/parameter.ts';
import { broadcast, type TensorData } from '../tensor.ts';
import type { ConnectionKind } from './connection-kind.ts';
import type { Connectivity, SparseConnectivity } from './connectivity.ts';

interface Rows {
  readonly outputs: number;
  readonly offsets: TensorData;
  readonly targets: TensorData;
}

function rowsOf(node: GraphNode): Rows {
  return {
    outputs: numbersOf(node, 'outputs')!.data[0]!,
    offsets: numbersOf(node, 'offset')!.data,
    targets: numbersOf(node, 'target')!.data,
  };
}

/**
 * y_j = Σ w_ij·x_i over synapses that are listed one by one, by input (compressed sparse rows): input i reaches
 * `target[offset[i]]` … `target[offset[i + 1] − 1]`, in ascending order, no output twice. By input, because an event
 * goes to all targets of its source; a row of equal weights costs an engine one number. One `weight` stands for all
 * synapses.
 */
export const sparse: ConnectionKind = {
  type: 'Sparse',
  role: 'connection',
  examples: [{ node: { weight: [0.5, 1, -0.25], target: [0, 0, 1], offset: [0, 1, 1, 3], outputs: 2 }, input: [3] }],
  parameters: {
    weight: { doc: 'weight of each synapse, or one for all', form: 'array' },
    target: { doc: 'output that each synapse reaches, ascending within an input', form: 'integers', minimum: 0 },
    offset: {
      doc: 'first synapse of each input, and last their number (inputs + 1 values)',
      form: 'integers',
      minimum: 0,
    },
    outputs: { doc: 'number of outputs', form: 'integer', minimum: 1 },
  },

  inputShape: (node) => [rowsOf(node).offsets.length - 1],

  outputShape(node) {
    const rows = rowsOf(node);
    checkRows(rows);
    checkTargets(rows);
    const weights = numbersOf(node, 'weight')!.data.length;
    const synapses = rows.targets.length;
    if (weights !== 1 && weights !== synapses) {
      throw new SpikewireError('graph', 'Sparse.weight', `has ${weights} values`, `1 or ${synapses}, one per synapse`);
    }
    return [rows.outputs];
  },

  synapseCount: (node) => rowsOf(node).targets.length,

  connect(node): SparseConnectivity {
    const rows = rowsOf(node);
    const offsets = Uint32Array.from(rows.offsets);
    const targets = rows.outputs <= 2 ** 16 ? Uint16Array.from(rows.targets) : Uint32Array.from(rows.targets);
    const weight = numbersOf(node, 'weight')!;
    return {
      structure: 'sparse',
      inputs: offsets.length - 1,
      outputs: rows.outputs,
      offsets,
      targets,
      weights: weight.data.length === targets.length ? weight.data : broadcast(weight, targets.length),
      gain: 1,
      bias: undefined,
      groupOf: (output) => output,
      forEachSynapse: listed(offsets, targets),
    };
  },
};

/** Visits synapses that are listed by input. */
export function listed(offsets: Uint32Array, targets: Uint16Array | Uint32Array): Connectivity['forEachSynapse'] {
  return (input, visit) => {
    const end = offsets[input + 1]!;
    for (let k = offsets[input]!; k < end; k++) visit(targets[k]!, k);
  };
}

function checkRows({ offsets, targets }: Rows): void {
  const last = offsets.length - 1;
  if (last < 1 || offsets[0] !== 0 || offsets[last] !== targets.length) {
    const problem = `has ${offsets.length} values from ${offsets[0]} to ${offsets[last]}`;
    const expected = `inputs + 1 values from 0 to ${targets.length}, the number of synapses`;
    throw new SpikewireError('graph', 'Sparse.offset', problem, expected);
  }
  for (let i = 0; i < last; i++) {
    if (offsets[i]! <= offsets[i + 1]!) continue;
    throw new SpikewireError('graph', `Sparse.offset[${i + 1}]`, `is ${offsets[i + 1]}`, `at least ${offsets[i]}`);
  }
}

function checkTargets({ outputs, offsets, targets }: Rows): void {
  for (let i = 0; i + 1 < offsets.length; i++) {
    for (let k = offsets[i]!; k < offsets[i + 1]!; k++) {
      const where = `Sparse.target[${k}]`;
      if (targets[k]! >= outputs) {
        throw new SpikewireError('graph', where, `is ${targets[k]}`, `an output, 0 to ${outputs - 1}`);
      }
      if (k > offsets[i]! && targets[k]! <= targets[k - 1]!) {
        const problem = `is ${targets[k]} behind ${targets[k - 1]} of the same input`;
        throw new SpikewireError('graph', where, problem, 'ascending outputs, none twice');
      }
    }
  }
}
