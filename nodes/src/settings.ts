import { isAbsolute, join, resolve } from 'node:path';
import { type ChannelDeclaration, SpikewireError } from 'spikewire';
import { NEW_MODEL_POLICIES, type NewModelPolicy } from 'spikewire/session';
import type { NodeConfiguration } from './node-red.ts';

/** Where the model comes from: a file, or made for the channels of a sensor that nobody has trained a model for. */
export type ModelSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'next-reading'; readonly channels: readonly ChannelDeclaration[]; readonly rangeWarmUp: number };

/** Everything that a `spikewire-net` node says of its nets. */
export interface NetSettings {
  readonly model: ModelSource;
  /** Folder of the stores, a folder in it for each net. */
  readonly directory: string;
  /** One net for all messages, or one per `msg.topic`. */
  readonly per: 'flow' | 'topic';
  /** Nets that are open at the same time. */
  readonly capacity: number;
  /** Whether nets learn as long as nobody has asked for or against it by a command. */
  readonly learning: boolean;
  readonly saveEverySeconds: number;
  readonly onNewModel: NewModelPolicy;
  /** Undefined: as the model says, or as a person has set it. */
  readonly sensitivity: number | undefined;
  readonly holdOff: number | undefined;
  /** Whether inference has a thread of its own, for about 10 MB. */
  readonly worker: boolean;
}

/**
 * Reads what the editor stored. Relative paths are in `userDir`, where Node-RED keeps its own files; without a folder for what is
 * learned there is one of the node's own. Throws `usage` with the name of the field.
 */
export function readSettings(stored: NodeConfiguration, id: string, userDir: string): NetSettings {
  const number = (field: string, rule: NumberRule) => readNumber(stored[field], field, rule);
  const store = text(stored.store);
  return {
    model: readModelSource(stored, userDir),
    directory: store === '' ? join(userDir, 'spikewire', id) : resolve(userDir, store),
    per: readChoice(stored.per, 'per', ['flow', 'topic'], 'flow'),
    capacity: number('capacity', { least: 1, most: 1000, whole: true }) ?? 64,
    learning: stored.learning !== false,
    saveEverySeconds: number('saveEvery', { least: 0, most: 86_400 }) ?? 60,
    onNewModel: readChoice(stored.onNewModel, 'onNewModel', NEW_MODEL_POLICIES, 'keep'),
    sensitivity: number('sensitivity', { least: 0.01, most: 1e9 }),
    holdOff: number('holdOff', { least: 0, most: 1e9, whole: true }),
    worker: stored.worker !== false,
  };
}

function readModelSource(stored: NodeConfiguration, userDir: string): ModelSource {
  const model = text(stored.model);
  const kind = readChoice(stored.modelType, 'modelType', ['file', 'channels'], 'file');
  if (kind === 'channels') {
    const rangeWarmUp = readNumber(stored.warmUp, 'warmUp', { least: 2, most: 1e6, whole: true }) ?? 300;
    return { kind: 'next-reading', channels: readChannels(model), rangeWarmUp };
  }
  if (model === '') throw new SpikewireError('usage', 'model', 'is not set', 'the path of a .spike file');
  return { kind: 'file', path: isAbsolute(model) ? model : join(userDir, model) };
}

const CHANNEL = /^(?<name>[^()]*[^()\s])\s*(?:\((?<unit>[^()]*)\))?$/;

/** `temperature (°C), humidity (%)`: names, each with a unit where it has one. */
function readChannels(list: string): ChannelDeclaration[] {
  const channels = list.split(',').map((item) => {
    const found = CHANNEL.exec(item.trim())?.groups;
    if (found === undefined) throw new SpikewireError('usage', 'model', `has channel "${item.trim()}"`, 'name (unit)');
    return { name: found.name!, unit: found.unit?.trim() ?? '' };
  });
  const twice = channels.find(({ name }, place) => channels.findIndex((other) => other.name === name) !== place);
  if (twice === undefined) return channels;
  throw new SpikewireError('usage', 'model', `has channel "${twice.name}" twice`, 'a name of its own for each');
}

interface NumberRule {
  readonly least: number;
  readonly most: number;
  readonly whole?: boolean;
}

/** Undefined where the field was left empty. */
function readNumber(value: unknown, field: string, { least, most, whole = false }: NumberRule): number | undefined {
  if (text(value) === '') return undefined;
  const number = Number(value);
  if (number >= least && number <= most && (!whole || Number.isInteger(number))) return number;
  const expected = `a ${whole ? 'whole ' : ''}number from ${least} to ${most}`;
  throw new SpikewireError('usage', field, `is "${String(value)}"`, expected);
}

function readChoice<T extends string>(value: unknown, field: string, choices: readonly T[], usual: T): T {
  if (text(value) === '') return usual;
  if (choices.includes(value as T)) return value as T;
  throw new SpikewireError('usage', field, `is "${String(value)}"`, choices.join(', '));
}

function text(value: unknown): string {
  return value === undefined || value === null ? '' : String(value).trim();
}
