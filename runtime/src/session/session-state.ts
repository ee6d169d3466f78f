import { asOf, learnedAlone } from '@spikewire/engine/network';
import {
  type KeptNumbers,
  type KeptState,
  misfitOf,
  type NumberRange,
  readSafetensors,
  real,
  type Safetensors,
  type SavedPart,
  SpikewireError,
  type StateMeaning,
  type Tensor,
  type TensorData,
  tensor,
  viewsOf,
  whole,
  writeSafetensors,
} from '@spikewire/models';

type Kept = KeptState;

/** What a person has asked for by command, which holds until asked otherwise; undefined: nothing. */
export type AskedLearning = 'learn' | 'freeze' | undefined;

interface SavedSession {
  /** The executor's own bytes. */
  readonly engine: Uint8Array;
  /** What the model's states mean. */
  readonly meaning: StateMeaning;
  /** What the coding keeps. */
  readonly coding: Kept;
  /** What each monitor keeps, by its name. */
  readonly monitors: Readonly<Record<string, Kept>>;
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
  coding,
  monitors,
  expected,
  sequence,
  time,
  asked = undefined,
  notes,
}: SavedSession): Uint8Array {
  const tensors = new Map<string, Tensor>([['engine', tensor(engine)]]);
  if (expected !== undefined) tensors.set('expected', tensor(expected));
  for (const [name, values] of Object.entries(viewsOf(coding))) tensors.set(name, tensor(values));
  for (const [monitor, own] of Object.entries(monitors)) {
    for (const [name, values] of Object.entries(viewsOf(own)))
      tensors.set(`monitor.${monitor}.${name}`, tensor(values));
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
 * Reads a saved session that must keep the same numbers as the running one, each within its range; `apply` then copies
 * them, after everything else was found to fit. A monitor that the saved session did not have, or not like this, starts
 * anew. Throws `store`.
 */
export function readSessionState(
  bytes: Uint8Array,
  coding: Kept,
  monitors: Readonly<Record<string, Kept>>,
  outputs: number,
): Omit<SavedSession, 'coding' | 'monitors' | 'meaning'> & { apply(): void } {
  const { tensors, metadata } = readFormat(bytes);
  const find = (name: string, like: Tensor['data'], length: number | undefined) => {
    const found = tensors.get(name)?.data;
    if (fits(found, like, length)) return found!;
    const problem = found === undefined ? 'is missing' : `is ${found.constructor.name}[${found.length}]`;
    throw new SpikewireError('store', where(name), problem, `${like.constructor.name}[${length ?? ''}] of this model`);
  };
  const parts = Object.entries(coding).map(([name, numbers]) => {
    const { view, lacking } = numbers;
    const isLacking = lacking !== undefined && !tensors.has(name);
    return {
      where: where(name),
      numbers,
      saved: isLacking ? view.slice().fill(lacking) : find(name, view, view.length),
    };
  });
  for (const [monitor, own] of Object.entries(monitors)) parts.push(...monitorParts(tensors, monitor, own));
  const misfit = misfitOf(parts);
  if (misfit !== undefined) throw misfit;
  return {
    engine: find('engine', new Uint8Array(0), undefined) as Uint8Array,
    expected: tensors.has('expected') ? expectedIn(find('expected', new Float64Array(0), outputs)) : undefined,
    sequence: numberIn(metadata, 'sequence', whole()),
    time: numberIn(metadata, 'time', real()),
    asked: metadata.asked === 'learn' || metadata.asked === 'freeze' ? metadata.asked : undefined,
    notes: metadata.notes ?? '',
    apply() {
      for (const { numbers, saved } of parts) numbers.view.set(saved);
    },
  };
}

function where(name: string): string {
  return `saved state "${name}"`;
}

function fits(found: Tensor['data'] | undefined, like: Tensor['data'], length: number | undefined): boolean {
  return found?.constructor === like.constructor && (length === undefined || found.length === length);
}

/** Farther from the middle of its range no sound net expects a reading, in half widths; errors of such stay finite. */
const FARTHEST_EXPECTED = 1e100;

/** Whether a net may expect this of the next reading, and learn from the error. */
export function isExpectation(values: Float64Array): boolean {
  return values.every((value) => Math.abs(value) <= FARTHEST_EXPECTED);
}

/** What a net expects of the next reading; nothing where what was kept is no expectation. */
function expectedIn(saved: Tensor['data']): Float64Array | undefined {
  const expected = Float64Array.from(saved);
  return isExpectation(expected) ? expected : undefined;
}

/** What monitors once kept of scores that were called normal. */
const FORMERLY_KEPT: ReadonlySet<string> = new Set(['accepted']);

/**
 * A monitor that keeps all that was saved of it, and perhaps more, goes on with that. A model had one monitor at first,
 * and its state no name.
 */
function monitorParts(tensors: Safetensors['tensors'], monitor: string, own: Kept): SavedPart[] {
  for (const prefix of [`monitor.${monitor}.`, 'monitor.']) {
    const parts: SavedPart[] = [];
    const isOwn = [...tensors].every(([name, { data: saved }]) => {
      const key = name.startsWith(prefix) ? name.slice(prefix.length) : '';
      const numbers: KeptNumbers | undefined = Object.hasOwn(own, key) ? own[key] : undefined;
      if (numbers === undefined && FORMERLY_KEPT.has(key)) return true;
      if (key === '' || (key.includes('.') && numbers === undefined)) return true;
      if (numbers === undefined || !fits(saved, numbers.view, numbers.view.length)) return false;
      parts.push({ where: where(name), numbers, saved });
      return true;
    });
    if (parts.length > 0 && isOwn) return parts;
  }
  return [];
}

/** How many readings a saved state knows of. Throws `store`. */
export function readingsIn(bytes: Uint8Array): number {
  return numberIn(readFormat(bytes).metadata, 'sequence', whole());
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
  const engine = engineOf(tensors);
  const rebased = metadata.meaning === meaning ? asOf(digest, engine) : learnedAlone(engine, digest);
  return writeSafetensors(new Map(tensors).set('engine', tensor(rebased)), metadata);
}

/** Parts of a state that belong to a net and its read-out, and not to the stream. */
const OF_NET = /^(?:engine|expected|work|answers)$|^(?:decoder|taught)\./;
/** What people have taught today belongs to the stream. */
const TODAY = 'taught.today';
/** Answers by label since the base was set. */
const CONFUSION = 'taught.confusion';

/**
 * A state that goes on from what `former` knows of the stream, its features, monitors and people, with a net and a
 * read-out as `fresh` has them, a state of the next model. Throws `store`.
 */
export function onAnotherBase(former: Uint8Array, fresh: Uint8Array): Uint8Array {
  const [before, own] = [readFormat(former), readFormat(fresh)];
  const isOfStream = (name: string) => name === TODAY || !OF_NET.test(name);
  const tensors = [
    ...[...own.tensors].filter(([name]) => !isOfStream(name)),
    ...[...before.tensors].filter(([name]) => isOfStream(name)),
  ];
  const { meaning, floatForm, version } = own.metadata as { meaning: string; floatForm: string; version: string };
  return writeSafetensors(new Map(tensors), { ...before.metadata, meaning, floatForm, version });
}

/** A state with other numbers in the place of those of these names, which judged no label yet. Throws `store`. */
export function withParts(bytes: Uint8Array, parts: Readonly<Record<string, TensorData>>): Uint8Array {
  const { tensors, metadata } = readFormat(bytes);
  const changed = new Map(tensors);
  for (const [name, data] of Object.entries(parts)) changed.set(name, tensor(data));
  const confusion = changed.get(CONFUSION)?.data;
  if (confusion !== undefined) changed.set(CONFUSION, tensor(confusion.slice().fill(0)));
  return writeSafetensors(changed, metadata);
}

/** What a saved state has of its net. Throws `store`. */
export function netIn(bytes: Uint8Array): Uint8Array {
  return engineOf(readFormat(bytes).tensors);
}

function engineOf(tensors: Safetensors['tensors']): Uint8Array {
  const engine = tensors.get('engine')?.data;
  if (engine instanceof Uint8Array) return engine;
  throw new SpikewireError('store', 'saved state "engine"', 'is missing', 'the state of a net');
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

function numberIn(metadata: Safetensors['metadata'], name: string, range: NumberRange): number {
  const text = metadata[name] ?? '';
  const number = Number(text);
  if (text !== '' && range.has(number)) return number;
  throw new SpikewireError('store', `saved state, ${name}`, `is "${text}"`, range.expected);
}
