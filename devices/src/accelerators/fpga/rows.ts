import { sparseRow } from './core-description.ts';
import type { Synapse } from './routes.ts';

/** The weights of a route as words of the memory. */
export interface Rows {
  readonly sparse: boolean;
  /** Words of a dense row; 1 for a sparse one. */
  readonly rowWords: number;
  /** Memory words; pointers of sparse rows count from `at`. */
  words(at: number): Uint16Array;
  readonly length: number;
}

/** A weight for every neuron, or lists of synapses, whichever is shorter and can hold them. */
export function rowsOf(synapses: readonly (readonly Synapse[])[], neurons: number): Rows {
  const dense = denseRows(synapses, neurons);
  const sparse = sparseRows(synapses);
  const isAmbiguous = synapses.some((row) => row.some(({ neuron }, k) => neuron === row[k + 1]?.neuron));
  return isAmbiguous || sparse.length < dense.length ? sparse : dense;
}

function denseRows(synapses: readonly (readonly Synapse[])[], neurons: number): Rows {
  const rowWords = Math.ceil(neurons / 2);
  const length = synapses.length * rowWords;
  return {
    ...{ sparse: false, rowWords, length },
    words() {
      const bytes = new Uint8Array(2 * length);
      synapses.forEach((row, input) => {
        for (const { neuron, weight } of row) bytes[2 * rowWords * input + neuron] = weight;
      });
      return Uint16Array.from({ length }, (_, k) => bytes[2 * k]! | (bytes[2 * k + 1]! << 8));
    },
  };
}

function sparseRows(synapses: readonly (readonly Synapse[])[]): Rows {
  const lists = synapses.map(listOf);
  const pointers = synapses.length + 1;
  const length = lists.reduce((sum, list) => sum + list.length, pointers);
  return {
    ...{ sparse: true, rowWords: 1, length },
    words(at) {
      const words = new Uint16Array(length);
      let end = pointers;
      lists.forEach((list, input) => {
        words[input] = at + end;
        words.set(list, end);
        end += list.length;
      });
      words[synapses.length] = at + end;
      return words;
    },
  };
}

const LONGEST_STEP = 255;

/** The words of one row; words with q = 0 bridge long steps, and part synapses that lead to the same neuron. */
function listOf(row: readonly Synapse[]): number[] {
  const list: number[] = [];
  let at = 0;
  for (const { neuron, weight } of row) {
    if (weight === 0) continue;
    let step = neuron - at;
    if (step === 0 && list.length > 0) list.push(0);
    for (; step > LONGEST_STEP; step -= LONGEST_STEP) list.push(LONGEST_STEP << sparseRow.step);
    list.push((step << sparseRow.step) | (weight & 0xff));
    at = neuron;
  }
  return list;
}
