import { type Connectivity, type InputQuantization, roundHalfEven } from '@spikewire/models';
import type { NetworkCounters } from '../engine.ts';
import { createLateElements } from './late-elements.ts';
import type { WorkingNode } from './node.ts';
import { createSelection } from './selection.ts';

/** A connection in whole numbers. */
export interface IntegerConnection extends WorkingNode {
  /** q, as the engine computes with it now; empty where every synapse has weight 1. */
  readonly integers: Int8Array;
}

/**
 * emitted = Σ q·2^h·n, exact, so that the order of arrivals cannot matter. The factor of an average pooling and the
 * biases are in the constants of the population behind.
 */
export function createIntegerConnection(
  connectivity: Connectivity,
  shift: number,
  counters: NetworkCounters,
): IntegerConnection {
  const { weights, forEachSynapse } = connectivity;
  const integers = Int8Array.from(weights ?? []);
  if (connectivity.structure === 'elementwise' && connectivity.delays !== undefined) {
    return { ...createLateElements(connectivity.delays), integers };
  }
  if (connectivity.structure === 'selection') return { ...createSelection(connectivity), integers };
  return {
    integers,
    state: {},
    kept: {},
    retained: [connectivity, integers],
    visit([arriving], emitted) {
      emitted.fill(0);
      arriving!.forEach((count, input) => {
        if (count === 0) return;
        forEachSynapse(input, (output, k) => {
          if (weights === undefined) {
            emitted[output]! += count;
            return;
          }
          emitted[output]! += integers[k]! * 2 ** shift * count;
          counters.synapticOperations++;
        });
      });
    },
    reset: () => {},
  };
}

/**
 * An Input: real values become whole numbers, to nearest with ties to even, held within the range of the input's
 * format.
 */
export function createIntegerInput({ scale, maximum }: InputQuantization, counters: NetworkCounters): WorkingNode {
  return {
    state: {},
    kept: {},
    retained: [],
    visit([arriving], emitted) {
      arriving!.forEach((value, index) => {
        const whole = roundHalfEven(value / scale);
        const clamped = Math.max(-maximum, Math.min(maximum, whole));
        if (clamped !== whole) counters.clippedInputs++;
        emitted[index] = clamped;
      });
    },
    reset: () => {},
  };
}
