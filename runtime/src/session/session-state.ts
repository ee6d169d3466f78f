import {
  BLANK_DIGEST,
  readSafetensors,
  type Safetensors,
  SpikewireError,
  seal,
  type Tensor,
  tensor,
  writeSafetensors,
} from '@spikewire/models';

type Views = Readonly<Record<string, Float64Array | Uint32Array>>;

/** What a person has asked for by command, which holds until asked otherwise; undefined: nothing. */
export type AskedLearning = 'learn' | 'freeze' | undefined;

interface SavedSession {
  /** The executor's own bytes. */
  readonly engine: Uint8Array;
  /** `stateMeaning` of the model. */
  readonly meaning: string;
  /** What the coding and the monitor keep. */
  readonly views: Views;
  readonly expected: Float64Array | undefined;
  readonly sequence: number;
  readonly time: number;
  readonly asked: AskedLearning;
  readonly notes: string;
}

const FORMAT = 'spikewire-session';
const VERSION = '1';

export function writeSessionState({
  engine,
  meaning,
  views,
  expected,
  sequence,
  time,
  asked = undefined,
  notes,
}: SavedSession): Uint8Array {
  const tensors = new Map<string, Tensor>([['engine', tensor(engine)]]);
  if (expected !== undefined) tensors.set('expected', tensor(expected));
  for (const [name, values] of Object.entries(views)) tensors.set(name, tensor(values));
  return writeSafetensors(tensors, {
    format: FORMAT,
    version: VERSION,
    meaning,
    sequence: String(sequence),
    time: String(time),
    asked: asked ?? '',
    notes,
  });
}

/**
 * Reads a saved session that must have the same views as the running one; `apply` then copies them, after everything
 * else was found to fit. Throws `store`.
 */
export function readSessionState(
  bytes: Uint8Array,
  views: Views,
  outputs: number,
): Omit<SavedSession, 'views'> & { apply(): void } {
  const { tensors, metadata } = readFormat(bytes);
  const find = (name: string, like: Tensor['data'], length: number | undefined) => {
    const found = tensors.get(name)?.data;
    const fits = found?.constructor === like.constructor && (length === undefined || found.length === length);
    if (fits) return found;
    const problem = found === undefined ? 'is missing' : `is ${found.constructor.name}[${found.length}]`;
    throw new SpikewireError(
      'store',
      `saved state "${name}"`,
      problem,
      `${like.constructor.name}[${length ?? ''}] of this model`,
    );
  };
  const pairs = Object.entries(views).map(([name, view]) => ({ view, saved: find(name, view, view.length) }));
  const expected = tensors.has('expected') ? find('expected', new Float64Array(0), outputs) : undefined;
  return {
    engine: find('engine', new Uint8Array(0), undefined) as Uint8Array,
    meaning: metadata.meaning ?? '',
    expected: expected && Float64Array.from(expected),
    sequence: numberIn(metadata, 'sequence'),
    time: numberIn(metadata, 'time'),
    asked: metadata.asked === 'learn' || metadata.asked === 'freeze' ? metadata.asked : undefined,
    notes: metadata.notes ?? '',
    apply() {
      for (const { view, saved } of pairs) view.set(saved);
    },
  };
}

/** How many readings a saved state knows of. Throws `store`. */
export function readingsIn(bytes: Uint8Array): number {
  return numberIn(readFormat(bytes).metadata, 'sequence');
}

/**
 * The state of a former model as one of the model with the given digest and meaning, where its numbers mean the same in
 * both: what was learned is taken over whole. Throws `store` where it is not so; whether every array fits shows when it
 * is restored.
 */
export function rebaseSessionState(
  bytes: Uint8Array,
  { digest, meaning }: { digest: string; meaning: string },
): Uint8Array {
  const { tensors, metadata } = readFormat(bytes);
  if (metadata.meaning !== meaning) {
    throw new SpikewireError(
      'store',
      'saved state',
      'was learned by a net of another build',
      'the same graph, number formats, coding and rules',
    );
  }
  const engine = tensors.get('engine')?.data;
  if (!(engine instanceof Uint8Array))
    throw new SpikewireError('store', 'saved state "engine"', 'is missing', 'the state of a net');
  const rebased = new Map(tensors).set('engine', tensor(withModel(engine, digest)));
  return writeSafetensors(rebased, metadata);
}

/** An engine's state (engine/state-file.ts) that names another model. */
function withModel(engine: Uint8Array, model: string): Uint8Array {
  const { tensors, metadata } = read(engine);
  const bytes = writeSafetensors(tensors, { ...metadata, model, digest: BLANK_DIGEST });
  seal(bytes);
  return bytes;
}

function readFormat(bytes: Uint8Array): Safetensors {
  const contents = read(bytes);
  const { format, version } = contents.metadata;
  if (format === FORMAT && version === VERSION) return contents;
  throw new SpikewireError('store', 'saved state', `is of format ${format} ${version}`, `${FORMAT} ${VERSION}`);
}

/** Ranges are NaN before they are known, so a state may hold such numbers. */
function read(bytes: Uint8Array): Safetensors {
  try {
    return readSafetensors(bytes, { allowNonFinite: true });
  } catch (cause) {
    throw new SpikewireError('store', 'saved state', `is damaged (${(cause as Error).message})`, undefined, cause);
  }
}

function numberIn(metadata: Safetensors['metadata'], name: string): number {
  const text = metadata[name] ?? '';
  const number = Number(text);
  if (text !== '' && Number.isFinite(number)) return number;
  throw new SpikewireError('store', `saved state, ${name}`, `is "${text}"`, 'a number');
}
