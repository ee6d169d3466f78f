import { isAbsolute, join, resolve } from 'node:path';
import { type ChannelDeclaration, SpikewireError, type WatchSettings } from 'spikewire';
import type { KeyNames } from 'spikewire/host';
import {
  MISSING_RULES,
  NEW_MODEL_POLICIES,
  type NewModelPolicy,
  parseChannelPaths,
  profileNamed,
  profiles,
  type ReadingForm,
} from 'spikewire/session';
import type { FieldTable, FieldValues } from '../field.ts';
import { type Place, placeOf } from './place.ts';
import { type UpdateSettings, updateFields, updateSettings } from './update-settings.ts';

const MIB = 2 ** 20;

/** What a store may take; for less than 64 KiB there is hardly a file. */
const mebibytes = { form: 'number', minimum: 2 ** -4, maximum: 2 ** 20, default: 512, unit: 'mebibytes' } as const;

/** Which messages are for which net. */
export const topicFields = {
  per: { form: 'word', icon: 'clone', words: ['flow', 'topic'], default: 'flow' },
  capacity: {
    form: 'integer',
    icon: 'compress',
    minimum: 1,
    maximum: 1000,
    default: 64,
    unit: 'nets',
    when: { per: 'topic' },
  },
  only: { form: 'text', icon: 'filter', hint: 'only', when: { per: 'topic' } },
} as const satisfies FieldTable;

/** How messages say readings. */
export const readingFields = {
  profile: { form: 'word', icon: 'rss', words: profiles.map(({ name }) => name), default: 'plain' },
  paths: { form: 'text', icon: 'map-signs', hint: 'paths' },
  missing: { form: 'word', icon: 'question-circle-o', words: MISSING_RULES, default: 'refuse' },
} as const satisfies FieldTable;

/** What is learned, and where it is kept. */
export const keptFields = {
  learning: { form: 'flag', icon: 'graduation-cap', default: true, hint: 'learning' },
  store: { form: 'text', icon: 'hdd-o', hint: 'store' },
  saveEvery: { form: 'number', icon: 'clock-o', minimum: 0, maximum: 86_400, default: 60, unit: 'seconds' },
  storeBudget: { ...mebibytes, icon: 'database' },
  storePerDay: { ...mebibytes, icon: 'pencil' },
  onNewModel: { form: 'word', icon: 'exchange', words: NEW_MODEL_POLICIES, default: 'keep' },
} as const satisfies FieldTable;

/** When something unusual is an alarm; left empty: as the model says. */
const alarmFields = {
  sensitivity: { form: 'number', icon: 'bell-o', minimum: 0.01, maximum: 1e9, hint: 'asModel' },
  holdOff: {
    form: 'integer',
    icon: 'bell-slash-o',
    minimum: 0,
    maximum: 1e9,
    hint: 'asModel',
    unit: 'readings',
  },
  inRow: { form: 'integer', icon: 'list-ol', minimum: 1, maximum: 1e6, hint: 'asModel', unit: 'unusual' },
} as const satisfies FieldTable;

/** Where nets run: a `spikewire-device`, or what stands here. */
export const placeFields = {
  place: { form: 'node', type: 'spikewire-device', icon: 'map-marker', optional: true },
  device: { form: 'text', icon: 'server', hint: 'device', when: { place: '' } },
  worker: { form: 'flag', icon: 'microchip', default: true, hint: 'worker', when: { place: '' } },
} as const satisfies FieldTable;

/** The fields of every node that has nets of its own, whatever their model is. */
export const ownNetFields = {
  ...topicFields,
  ...readingFields,
  ...keptFields,
  ...placeFields,
  ...updateFields,
} as const satisfies FieldTable;

/** The fields of a `spikewire-net` node. */
export const netFields = {
  model: {
    form: 'typed',
    icon: 'sitemap',
    types: ['file', 'channels'],
    icons: { file: 'file-o', channels: 'line-chart' },
    default: '',
    required: true,
  },
  warmUp: {
    form: 'integer',
    icon: 'hourglass-start',
    minimum: 2,
    maximum: 1e6,
    default: 300,
    unit: 'readings',
    when: { model: 'channels' },
  },
  ...topicFields,
  ...readingFields,
  ...keptFields,
  ...alarmFields,
  ...placeFields,
  ...updateFields,
} as const satisfies FieldTable;

/** What the keys of a host are called here, as errors do. */
export const KEY_NAMES: KeyNames = {
  memory: 'memory of this device',
  'store.saveEverySeconds': 'saveEvery',
  'store.quotaBytes': 'storeBudget',
  'store.bytesPerDay': 'storePerDay',
};

/** What the device of a node says besides its place. */
type Splitting = Pick<NetSettings, 'split'>;
type NetFields = FieldValues<typeof netFields> & Splitting;
export type OwnNetFields = FieldValues<typeof ownNetFields> & Splitting;

/**
 * Where the model comes from: a file, a node that makes it, or made for the channels of a sensor that nobody has
 * trained a model for.
 */
export type ModelSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'made'; readonly make: () => Promise<Uint8Array> }
  | { readonly kind: 'next-reading'; readonly channels: readonly ChannelDeclaration[]; readonly rangeWarmUp: number };

/** Everything that a node says of its nets. */
export interface NetSettings extends Place {
  readonly model: ModelSource;
  /** Folder of the stores, a folder in it for each net. */
  readonly directory: string;
  /** One net for all messages, or one per `msg.topic`. */
  readonly per: 'flow' | 'topic';
  /** Nets that are open at the same time. */
  readonly capacity: number;
  /** Topics that may have a net, where there is one per topic. Undefined: each that has had a good reading. */
  readonly only: ReadonlySet<string> | undefined;
  /** How payloads say readings. */
  readonly form: ReadingForm;
  /** Whether nets learn as long as nobody has asked for or against it by a command. */
  readonly learning: boolean;
  readonly saveEverySeconds: number;
  /** What the stores of all nets together may take, and what may be written to them in 24 hours. */
  readonly storeLimits: { readonly quotaBytes: number; readonly bytesPerDay: number };
  readonly onNewModel: NewModelPolicy;
  /** Absent or undefined: as the model says, or as a person has set it. */
  readonly sensitivity?: number | undefined;
  readonly holdOff?: number | undefined;
  readonly inRow?: number | undefined;
  /** The same by monitor, as long as no person has set anything. */
  readonly monitorSettings?: ReadonlyMap<string, WatchSettings>;
  /** Readings of a warm-up that are enough; absent: as the model says. */
  readonly warmUp?: number | undefined;
  /** Whether what of a model does not fit on a board runs on this machine. Default false. */
  readonly split?: boolean | undefined;
  /** Absent or undefined: the model is replaced by people only. */
  readonly updates?: UpdateSettings | undefined;
}

/** What the fields of a `spikewire-net` node mean; see {@link ownNetSettings}. */
export function netSettings(fields: NetFields, id: string, userDir: string): NetSettings {
  const { model, warmUp, sensitivity, holdOff, inRow, ...own } = fields;
  const source = modelSource(model, warmUp, userDir);
  const file = source.kind === 'file' ? source.path : undefined;
  return { ...ownNetSettings(own, id, userDir, file), sensitivity, holdOff, inRow, model: source };
}

/**
 * What the fields mean for the nets of the node `id`. Relative paths are in `userDir`, where Node-RED keeps its own
 * files; without a folder for what is learned there is one of the node's own. A `place` is an address by now, see
 * {@link withAddress}. Throws `usage` with the name of the field.
 *
 * @param file of the model; undefined where that is made
 */
export function ownNetSettings(
  fields: OwnNetFields,
  id: string,
  userDir: string,
  file?: string,
): Omit<NetSettings, 'model'> {
  const { only, store, saveEvery, storeBudget, storePerDay, place, device, worker, ...others } = fields;
  const { profile, paths, missing, repository, root, published, channel, groups, lookEvery, ...rest } = others;
  const directory = store === '' ? join(userDir, 'spikewire', id) : resolve(userDir, store);
  const updating = { repository, root, published, channel, groups, lookEvery };
  return {
    ...rest,
    directory,
    updates: updateSettings(updating, directory, file, userDir),
    form: readingForm({ profile, paths, missing }),
    only: only === '' ? undefined : readTopics(only),
    saveEverySeconds: saveEvery,
    storeLimits: { quotaBytes: bytesOf(storeBudget), bytesPerDay: bytesOf(storePerDay) },
    ...placeOf(place || device, worker),
  };
}

/** Throws `usage` for paths that are none. */
export function readingForm({ profile, paths, missing }: FieldValues<typeof readingFields>): ReadingForm {
  return {
    profile: profileNamed(profile),
    ...(paths === '' ? {} : { paths: parseChannelPaths(paths) }),
    missing,
    otherRule: 'another choice of "If missing"',
  };
}

const bytesOf = (mebibytes: number) => Math.floor(mebibytes * MIB);

function readTopics(list: string): ReadonlySet<string> {
  const topics = list.split(',').map((topic) => topic.trim());
  if (!topics.includes('')) return new Set(topics);
  throw new SpikewireError('usage', 'only', 'has topic ""', 'topics, with a comma between two');
}

function modelSource({ type, text }: NetFields['model'], rangeWarmUp: number, userDir: string): ModelSource {
  if (type === 'channels') return { kind: 'next-reading', channels: readChannels(text), rangeWarmUp };
  return { kind: 'file', path: modelPath(text, userDir) };
}

/** Where the file of a model lies. Throws `usage` where none is named. */
export function modelPath(text: string, userDir: string): string {
  if (text === '') throw new SpikewireError('usage', 'model', 'is not set', 'the path of a .spike file');
  return isAbsolute(text) ? text : join(userDir, text);
}

const CHANNEL = /^(?<name>[^()]*[^()\s])\s*(?:\((?<unit>[^()]*)\))?$/;

/** `temperature (°C), humidity (%)`: names, each with a unit where it has one. */
export function readChannels(list: string, field = 'model'): ChannelDeclaration[] {
  const channels = list.split(',').map((item) => {
    const found = CHANNEL.exec(item.trim())?.groups;
    if (found === undefined) throw new SpikewireError('usage', field, `has channel "${item.trim()}"`, 'name (unit)');
    return { name: found.name!, unit: found.unit?.trim() ?? '' };
  });
  const twice = channels.find(({ name }, index) => channels.findIndex((other) => other.name === name) !== index);
  if (twice === undefined) return channels;
  throw new SpikewireError('usage', field, `has channel "${twice.name}" twice`, 'a name of its own for each');
}
