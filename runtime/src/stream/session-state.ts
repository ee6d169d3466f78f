import { readSafetensors, SpikewireError, type Tensor, tensor, writeSafetensors } from '@spikewire/models';

type Views = Readonly<Record<string, Float64Array | Uint32Array>>;

interface SavedSession {
  /** The executor's own bytes. */
  readonly engine: Uint8Array;
  /** What the coding and the monitor keep. */
  readonly views: Views;
  readonly expected: Float64Array | undefined;
  readonly sequence: number;
  readonly time: number;
  readonly learning: boolean;
  readonly notes: string;
}

const FORMAT = 'spikewire-session';
const VERSION = '1';

export function writeSessionState({ engine, views, expected, sequence, time, learning, notes }: SavedSession): Uint8Array {
  const tensors = new Map<string, Tensor>([['engine', tensor(engine)]]);
  if (expected !== undefined) tensors.set('expected', tensor(expected));
  for (const [name, values] of Object.entries(views)) tensors.set(name, tensor(values));
  const metadata = { format: FORMAT, version: VERSION, sequence: String(sequence), time: String(time), learning: String(learning), notes };
  return writeSafetensors(tensors, metadata);
}

/**
 * Reads a saved session that must have the same views as the running one; `apply` then copies them, after everything else
 * was found to fit. Throws `store`.
 */
export function readSessionState(bytes: Uint8Array, views: Views): Omit<SavedSession, 'views'> & { apply(): void } {
  const { tensors, metadata } = readSafetensors(bytes);
  if (metadata.format !== FORMAT || metadata.version !== VERSION) {
    throw new SpikewireError('store', 'saved state', `is of format ${metadata.format} ${metadata.version}`, `${FORMAT} ${VERSION}`);
  }
  const find = (name: string) => {
    const found = tensors.get(name)?.data;
    if (found === undefined) throw new SpikewireError('store', 'saved state', `has no "${name}"`, 'a state of this model');
    return found;
  };
  const pairs = Object.entries(views).map(([name, view]) => {
    const saved = find(name);
    if (saved.length !== view.length) throw new SpikewireError('store', `saved state "${name}"`, `has ${saved.length} numbers`, `${view.length}`);
    return { view, saved };
  });
  const expected = tensors.get('expected')?.data;
  return {
    engine: find('engine') as Uint8Array,
    expected: expected && Float64Array.from(expected),
    sequence: Number(metadata.sequence),
    time: Number(metadata.time),
    learning: metadata.learning === 'true',
    notes: metadata.notes ?? '',
    apply() {
      for (const { view, saved } of pairs) view.set(saved);
    },
  };
}
