import type { GraphNode } from '../graph/graph.ts';
import { wordOf } from '../graph/parameter.ts';
import type { ParameterTable } from '../parameters/declaration.ts';
import type { SelectionConnectivity, WindowGeometry } from './connectivity.ts';
import { connectWindows, poolingKind, poolingParameters } from './pooling.ts';

const parameters = {
  ...poolingParameters,
  padding: { ...poolingParameters.padding, doc: 'empty pixels around, which never win' },
  winner: {
    doc: 'which element of a window passes: the one of which most has arrived so far, or the first that arrived',
    form: 'word',
    words: ['count', 'first'],
    default: 'count',
  },
} as const satisfies ParameterTable;

type Selection = Pick<SelectionConnectivity, 'stateLength' | 'select'>;
type Windows = ReturnType<typeof connectWindows>;

/** State: what has arrived of each element, this step's arrivals included. Ties go to the lowest index. */
function byCount({ geometry, inputs, forEachSynapse }: Windows): Selection {
  return {
    stateLength: inputs,
    select({ length, index, value }, sums, send) {
      for (let k = 0; k < length; k++) sums[index[k]!]! += value[k]!;
      let at = 0;
      // One visitor for all elements of the step.
      const pass = (window: number) => {
        if (leaderOf(geometry, window, sums) === index[at]) send(window, value[at]!);
      };
      for (; at < length; at++) forEachSynapse(index[at]!, pass);
    },
  };
}

/**
 * State: of each window the element that passes, counted from 1, then of each window what it won by. An element wins
 * with the first value above 0; of several in one step the largest does, then the lowest index.
 */
function byFirst({ outputs, forEachSynapse }: Windows): Selection {
  return {
    stateLength: 2 * outputs,
    select({ length, index, value }, state, send) {
      let at = 0;
      // Negative as long as the step that decides goes on.
      const compare = (window: number) => {
        const won = state[window]! < 0 ? state[outputs + window]! : 0;
        if (state[window]! > 0 || value[at]! <= won) return;
        state[window] = -1 - index[at]!;
        state[outputs + window] = value[at]!;
      };
      const pass = (window: number) => {
        if (Math.abs(state[window]!) !== 1 + index[at]!) return;
        state[window] = 1 + index[at]!;
        send(window, value[at]!);
      };
      for (; at < length; at++) forEachSynapse(index[at]!, compare);
      for (at = 0; at < length; at++) forEachSynapse(index[at]!, pass);
    },
  };
}

/** The element of a window that has the largest of `values`, the first of equal ones; −1 where all of it is padding. */
function leaderOf(
  { inputSize, outputSize, kernel, stride, padding }: WindowGeometry,
  window: number,
  values: Float64Array,
): number {
  const [height, width] = inputSize;
  const [rows, columns] = outputSize;
  const top = (Math.floor(window / columns) % rows) * stride[0] - padding[0];
  const left = (window % columns) * stride[1] - padding[1];
  const plane = Math.floor(window / (rows * columns)) * height * width;
  let leader = -1;
  for (let y = Math.max(0, top); y < Math.min(height, top + kernel[0]); y++) {
    for (let x = Math.max(0, left); x < Math.min(width, left + kernel[1]); x++) {
      const element = plane + y * width + x;
      if (leader < 0 || values[element]! > values[leader]!) leader = element;
    }
  }
  return leader;
}

function connect(geometry: WindowGeometry, node: GraphNode): SelectionConnectivity {
  const windows = connectWindows(geometry);
  const winner = wordOf(node, 'winner', parameters.winner);
  const selection = winner === 'count' ? byCount(windows) : byFirst(windows);
  return { structure: 'selection', gain: 1, ...windows, winner, ...selection };
}

/**
 * In each window over [channels, length] one element passes and all others do not: with `count` in each step the one
 * of which most has arrived so far (Rueckauer et al. 2017, section 2.2.4), with `first` the one that arrived first. Of
 * numbers that stay the same over a sample, both are the ordinary maximum of those above 0. What has arrived is
 * forgotten where membranes are: with samples that continue, the first winner stays.
 */
export const maxPool1d = poolingKind('MaxPool1d', 1, parameters, connect);

/** The same over [channels, height, width]. */
export const maxPool2d = poolingKind('MaxPool2d', 2, parameters, connect);
