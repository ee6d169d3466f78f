import { type JsonTree, SpikewireError } from '@spikewire/models';
import { UPDATE_CARRYINGS, type UpdateCarrying } from '../../desk/updates.ts';
import type { Target, TargetsMetadata } from './metadata.ts';

/** What may happen to what was learned when a base is replaced, in the order of preference. */
export { UPDATE_CARRYINGS as CARRYING, type UpdateCarrying as Carrying };

/** What a repository says of a base model beside its length and hash. */
export interface Offer {
  readonly target: Target;
  /** The name by which devices know the model, in all its versions. */
  readonly model: string;
  /** Devices follow one channel, such as `stable`. */
  readonly channel: string;
  /** Groups of devices that it is for; none: all. */
  readonly groups: readonly string[];
  /** The least version of spikewire that runs it. */
  readonly engine: string;
  /** `float32`, `int8` or `int4`. */
  readonly form: string;
  /** Digest of channels, features and encoders: what a reading must look like. */
  readonly input: string;
  /** Memory of a running net in bytes, as `inspect` says. */
  readonly memory: number;
  /** Self-tests in the file. */
  readonly selfTests: number;
  /** What may happen to the learned part; the shadow decides among them. */
  readonly carrying: readonly UpdateCarrying[];
  /** Digests of bases whose learned part this one can carry on. */
  readonly bases: readonly string[];
}

/** Whom a device asks for: its own names. */
export interface Wish {
  readonly model: string;
  readonly channel: string;
  readonly groups: readonly string[];
}

const MOST_WORDS = 256;

/**
 * The one model of a repository that a device is to have: one for a group of the device goes before one for all;
 * undefined where there is none for it. Throws `file` where what is said of it is malformed, or two are for the device.
 * What is said of models for others may be malformed, such as by a later version.
 */
export function offerFor(wish: Wish, { targets }: Pick<TargetsMetadata, 'targets'>): Offer | undefined {
  const offers = [...targets.values()]
    .filter((target) => isNamed(wish, target))
    .map(offerOf)
    .filter((offer) => offer !== undefined && isFor(wish, offer)) as Offer[];
  const special = offers.filter(({ groups }) => groups.length > 0);
  const [first, second] = special.length > 0 ? special : offers;
  if (second === undefined) return first;
  const names = `${first!.target.name} and ${second.target.name}`;
  throw new SpikewireError('file', 'targets', `name two models for this device, ${names}`, 'one for each group');
}

function isNamed({ model, channel }: Wish, target: Target): boolean {
  const said = saidOf(target);
  return said?.get('model') === model && said.get('channel') === channel;
}

function isFor(wish: Wish, { groups }: Offer): boolean {
  return groups.length === 0 || groups.some((group) => wish.groups.includes(group));
}

/** What a target says of itself; undefined where it is none of spikewire's. Throws `file` where it is malformed. */
export function offerOf(target: Target): Offer | undefined {
  const said = saidOf(target);
  if (said === undefined) return undefined;
  const read = new Words(said, `targets: ${target.name}`);
  return {
    target,
    model: read.text('model'),
    channel: read.text('channel'),
    groups: read.texts('groups'),
    engine: read.text('engine'),
    form: read.text('form'),
    input: read.text('input'),
    memory: read.count('memory'),
    selfTests: read.count('selfTests'),
    carrying: UPDATE_CARRYINGS.filter((each) => read.texts('carrying').includes(each)),
    bases: read.texts('bases'),
  };
}

function saidOf({ custom }: Target): ReadonlyMap<string, JsonTree> | undefined {
  const said = custom instanceof Map ? custom.get('spikewire') : undefined;
  return said instanceof Map ? said : undefined;
}

/** The same as `custom` of a target. */
export function customOf(offer: Omit<Offer, 'target'>): JsonTree {
  return new Map([['spikewire', new Map(Object.entries(offer))]]);
}

class Words {
  readonly #said: ReadonlyMap<string, JsonTree>;
  readonly #where: string;

  constructor(said: ReadonlyMap<string, JsonTree>, where: string) {
    this.#said = said;
    this.#where = where;
  }

  text(name: string): string {
    const value = this.#said.get(name);
    return typeof value === 'string' ? value : this.#wrong(name, 'a string');
  }

  texts(name: string): readonly string[] {
    const value = this.#said.get(name);
    const isList =
      Array.isArray(value) && value.length <= MOST_WORDS && value.every((each) => typeof each === 'string');
    return isList ? (value as string[]) : this.#wrong(name, `a list of at most ${MOST_WORDS} strings`);
  }

  count(name: string): number {
    const value = this.#said.get(name);
    return Number.isSafeInteger(value) && (value as number) >= 0
      ? (value as number)
      : this.#wrong(name, 'a whole number');
  }

  #wrong(name: string, expected: string): never {
    throw new SpikewireError('file', `${this.#where}: ${name}`, 'is invalid', expected);
  }
}
