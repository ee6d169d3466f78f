import { type LearnedState, learnedWeight, readLearned, readSafetensors, type Safetensors } from '@spikewire/models';
import { parseSlot, SlotError } from '../store/slot.ts';

/** What a saved state says of itself. */
export interface StateInspection {
  /** Number of the save, where it lay in a slot of a store. */
  readonly save?: string;
  /** Version of its form. */
  readonly version: string;
  /** The engine to which its private part belongs. */
  readonly engine: string;
  /** Digest of its model. */
  readonly model: string;
  readonly step: number;
  /** Readings that it knows of; of a session. */
  readonly readings?: number;
  /** What was learned, for any engine; undefined where the form does not keep it apart. */
  readonly learned?: readonly LearnedSummary[];
}

/** The learned weights of a connection, in units of the graph. */
export interface LearnedSummary {
  readonly connection: string;
  readonly weights: number;
  readonly format: 'float64' | 'float32' | 'int16' | 'int8';
  readonly lowest: number;
  readonly highest: number;
}

/**
 * What a slot, or the state of a session or an engine, holds; undefined where the bytes are none. Throws `store` for
 * damaged ones.
 */
export function inspectState(bytes: Uint8Array): StateInspection | undefined {
  const slot = slotOf(bytes);
  const file = stateIn(slot?.state ?? bytes);
  if (file === undefined) return undefined;
  const inner = file.tensors.get('engine')?.data;
  const { metadata } = inner instanceof Uint8Array ? readSafetensors(inner, { allowNonFinite: true }) : file;
  const { version = '', engine = '', model = '', step } = metadata;
  return {
    ...(slot && { save: String(slot.sequence) }),
    version,
    engine,
    model,
    step: Number(step),
    ...(file.metadata.sequence !== undefined && { readings: Number(file.metadata.sequence) }),
    ...(version !== '1' && { learned: summaryOf(readLearned(slot?.state ?? bytes)) }),
  };
}

function slotOf(bytes: Uint8Array) {
  try {
    return parseSlot(bytes, 'slot');
  } catch (problem) {
    if (problem instanceof SlotError && (problem.fault === 'magic' || problem.fault === 'truncated')) return undefined;
    throw problem;
  }
}

function stateIn(bytes: Uint8Array): Safetensors | undefined {
  try {
    const file = readSafetensors(bytes, { allowNonFinite: true });
    return ['spikewire-state', 'spikewire-session'].includes(file.metadata.format ?? '') ? file : undefined;
  } catch {
    return undefined; // whoever reads it as something else says why it is none
  }
}

const formats = new Map<unknown, LearnedSummary['format']>([
  [Float64Array, 'float64'],
  [Float32Array, 'float32'],
  [Int16Array, 'int16'],
  [Int8Array, 'int8'],
]);

function summaryOf(learned: LearnedState): LearnedSummary[] {
  return [...learned].map(([connection, state]) => {
    const { length } = state.weights;
    let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let k = 0; k < length; k++) {
      const weight = learnedWeight(state, k);
      lowest = Math.min(lowest, weight);
      highest = Math.max(highest, weight);
    }
    return { connection, weights: length, format: formats.get(state.weights.constructor)!, lowest, highest };
  });
}
