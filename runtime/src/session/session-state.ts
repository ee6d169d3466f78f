import {
  type DecoderState,
  type MonitorState,
  readSafetensors,
  type Safetensors,
  SpikewireError,
  type StateMeaning,
  type Tensor,
  tensor,
  writeSafetensors,
} from '@spikewire/models';
import { asOf, learnedAlone } from '../engine/state-file.ts';

type Views = DecoderState | MonitorState;

/** What a person has asked for by command, which holds until asked otherwise; undefined: nothing. */
export type AskedLearning = 'learn' | 'freeze' | undefined;

interface SavedSession {
  /** The executor's own bytes. */
  readonly engine: Uint8Array;
  /** What the model's states mean. */
  readonly meaning: StateMeaning;
  /** What the coding keeps. */
  readonly views: Views;
  /** What each monitor keeps, by its name. */
  readonly monitors: Readonly<Record<string, Views>>;
  readonly expected: Float64Array | undefined;
  readonly sequence: number;
  readonly time: number;
  readonly asked: AskedLearning;
  readonly notes: string;
}

const FORMAT = 'spikewire-session';
const VERSION = '2';
/** It did not know of which float model its own is a form. */
const FORMER_VERSION = '1';

export function writeSessionState({
  engine,
  meaning,
  views,
  monitors,
  expected,
  sequence,
  time,
  asked = undefined,
  notes,
}: SavedSession): Uint8Array {
  const tensors = new Map<string, Tensor>([['engine', tensor(engine)]]);
  if (expected !== undefined) tensors.set('expected', tensor(expected));
  for (const [name, values] of Object.entries(views)) tensors.set(name, tensor(values));
  for (const [monitor, own] of Object.entries(monitors)) {
    for (const [name, values] of Object.entries(own)) tensors.set(`monitor.${monitor}.${name}`, tensor(values));
  }
  return writeSafetensors(tensors, {
    format: FORMAT,
    version: VERSION,
    ...meaning,
    sequence: String(sequence),
    time: String(time),
    asked: asked ?? '',
    notes,
  });
}

/**
 * Reads a saved session that must have the same views as the running one; `apply` then copies them, after everything
 * else was found to fit. A monitor that the saved session did not have, or not like this, starts anew. Throws `store`.
 */
export function readSessionState(
  bytes: Uint8Array,
  views: Views,
  monitors: Readonly<Record<string, Views>>,
  outputs: number,
): Omit<SavedSession, 'views' | 'monitors' | 'meaning'> & { apply(): void } {
  const { tensors, metadata } = readFormat(bytes);
  const find = (name: string, like: Tensor['data'], length: number | undefined) => {
    const found = tensors.get(name)?.data;
    if (fits(found, like, length)) return found!;
    const problem = found === undefined ? 'is missing' : `is ${found.constructor.name}[${found.length}]`;
    throw new SpikewireError(
      'store',
      `saved state "${name}"`,
      problem,
      `${like.constructor.name}[${length ?? ''}] of this model`,
    );
  };
  const pairs = Object.entries(views).map(([name, view]) => ({ view, saved: find(name, view, view.length) }));
  for (const [monitor, own] of Object.entries(monitors)) pairs.push(...monitorPairs(tensors, monitor, own));
  const expected = tensors.has('expected') ? find('expected', new Float64Array(0), outputs) : undefined;
  return {
    engine: find('engine', new Uint8Array(0), undefined) as Uint8Array,
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

function fits(found: Tensor['data'] | undefined, like: Tensor['data'], length: number | undefined): boolean {
  return found?.constructor === like.constructor && (length === undefined || found.length === length);
}

/**
 * A monitor that keeps all that was saved of it, and perhaps more, goes on with that. A model had one monitor at first,
 * and its state no name.
 */
function monitorPairs(tensors: Safetensors['tensors'], monitor: string, views: Views) {
  for (const prefix of [`monitor.${monitor}.`, 'monitor.']) {
    const saved = [...tensors].flatMap(([name, { data }]) => {
      const own = name.startsWith(prefix) ? name.slice(prefix.length) : '';
      const isAnother = own.includes('.') && !Object.hasOwn(views, own);
      return own === '' || isAnother ? [] : [{ own, data }];
    });
    const isOwn = saved.every(({ own, data }) => {
      return Object.hasOwn(views, own) && fits(data, views[own]!, views[own]!.length);
    });
    if (saved.length > 0 && isOwn) return saved.map(({ own, data }) => ({ view: views[own]!, saved: data }));
  }
  return [];
}

/** How many readings a saved state knows of. Throws `store`. */
export function readingsIn(bytes: Uint8Array): number {
  return numberIn(readFormat(bytes).metadata, 'sequence');
}

/**
 * The state of a former model as one of another: whole where its numbers mean the same in both, and else, where both
 * are forms of the same float model, what was learned. Throws `store` where neither is so; whether every array fits
 * shows when it is restored.
 */
export function rebaseSessionState(
  bytes: Uint8Array,
  { digest, meaning: { meaning, floatForm } }: { readonly digest: string; readonly meaning: StateMeaning },
): Uint8Array {
  const { tensors, metadata } = readFormat(bytes);
  if (metadata.meaning !== meaning && metadata.floatForm !== floatForm) {
    throw new SpikewireError(
      'store',
      'saved state',
      'was learned by a net of another build',
      'the same graph, number formats, coding and rules, or another form of the same float model',
    );
  }
  const engine = tensors.get('engine')?.data;
  if (!(engine instanceof Uint8Array))
    throw new SpikewireError('store', 'saved state "engine"', 'is missing', 'the state of a net');
  const rebased = metadata.meaning === meaning ? asOf(digest, engine) : learnedAlone(engine, digest);
  return writeSafetensors(new Map(tensors).set('engine', tensor(rebased)), metadata);
}

function readFormat(bytes: Uint8Array): Safetensors {
  const contents = read(bytes);
  const { format, version } = contents.metadata;
  if (format === FORMAT && (version === VERSION || version === FORMER_VERSION)) return contents;
  throw new SpikewireError(
    'store',
    'saved state',
    `is of format ${format} ${version}`,
    `${FORMAT} ${FORMER_VERSION} or ${VERSION}`,
  );
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
