import { type RandomGenerator, SpikewireError } from '@spikewire/models';
import { readNetModel } from '../../session/net-model.ts';
import { parseSlot } from '../../store/slot.ts';
import { type MachineFolders, readMachine } from '../backup/machine-folders.ts';
import type { Identity } from '../fleet/identity.ts';
import { ControllerLink, type LinkOptions } from '../fleet/link.ts';
import type { SharedPart } from '../fleet/member.ts';
import { lessonsText } from '../fleet/shared-text.ts';
import type { WantedPart } from '../fleet/wanted-parts.ts';
import { jittered, type Pause, pauseFor } from '../pauses.ts';
import { sha256Of } from '../update/bases.ts';
import type { NamedState } from './lesson-sums.ts';
import { writePart } from './part.ts';
import { SharedNote } from './shared-note.ts';

/** A machine of the device, and which model of the repository it runs. */
export interface SharableMachine extends MachineFolders {
  readonly model: string;
  readonly channel: string;
  /** What its configuration says; undefined: nothing. */
  readonly share: boolean | undefined;
}

export interface SharingOptions extends Omit<LinkOptions, 'patience'> {
  /** Where it is noted what has left the device. */
  readonly folder: string;
  readonly identity: Identity;
  /** Names of machines, or of their models, whose lessons may be shared. */
  readonly names: readonly string[];
  /** The machines that run now. */
  readonly machines: () => readonly SharableMachine[];
  /** Bytes that all nets may take together. */
  readonly memory?: number | undefined;
  /** Draws when to ask: devices that start together do not ask together. */
  readonly random: RandomGenerator;
  readonly say?: (line: string) => void;
  readonly warn?: (line: string) => void;
  readonly pause?: Pause;
}

/** What a machine has learned on the base that answers. */
interface SharedMachine extends SharableMachine {
  readonly sha256: string;
  readonly base: Uint8Array;
  readonly states: readonly NamedState[];
}

/** Until the controller says otherwise, and after a failure. */
const ASK_SECONDS = 600;
const NOT_JOINED_SECONDS = 10;
/** A controller of an earlier release knows no rounds. */
const UNKNOWN_SECONDS = 86_400;
/** Of an upload: the largest one at half a megabit a second. */
const PATIENCE_MS = 90_000;
const MOST_STATE_BYTES = 2 ** 26;
const STATE = /^(.*)\/[ab]\.slot$/;

/**
 * Gives rounds of the controller the sums of what people have taught the machines that may be shared: once per round,
 * again until the controller has acknowledged it. What fails is said in one line and tried again.
 */
export class Sharing {
  readonly #options: SharingOptions;
  readonly #link: ControllerLink;
  #note: SharedNote | undefined;
  #problem: string | undefined;
  /** By round: why no part has left. */
  #waiting = new Map<string, string>();

  constructor(options: SharingOptions) {
    this.#options = options;
    this.#link = new ControllerLink(options.identity, { ...options, patience: PATIENCE_MS });
  }

  /** What has left the device, the oldest first; at most 32. */
  get parts(): readonly SharedPart[] {
    return (this.#note?.parts ?? []).map(({ mark: _, ...part }) => part);
  }

  /** Shares until the signal is aborted. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    let seconds = NOT_JOINED_SECONDS * this.#options.random.nextUniform();
    while (!signal.aborted) {
      await pauseFor(seconds, signal, this.#options.pause);
      if (!signal.aborted) seconds = await this.#turn(signal);
    }
  }

  /** Returns the seconds until the next time. */
  async #turn(signal: AbortSignal): Promise<number> {
    const { identity, folder, random, warn } = this.#options;
    try {
      this.#note ??= await SharedNote.open(folder);
      if (identity.token !== undefined) return NOT_JOINED_SECONDS;
      const seconds = await this.#share(this.#note, signal);
      this.#problem = undefined;
      return jittered(seconds, random);
    } catch (failure) {
      const { message } = failure as Error;
      if (!signal.aborted && message !== this.#problem) warn?.(`sharing: ${message}; it is tried again`);
      this.#problem = message;
      return jittered(ASK_SECONDS, random);
    }
  }

  async #share(note: SharedNote, signal: AbortSignal): Promise<number> {
    const machines = await this.#machines();
    if (machines.length === 0) return NOT_JOINED_SECONDS;
    const answer = await this.#link.wantedParts(basesOf(machines), signal);
    if (answer.kind === 'unknown') return UNKNOWN_SECONDS;
    if (answer.kind === 'busy') return answer.seconds;
    for (const wanted of answer.parts) {
      if (note.ofRound(wanted.round)?.refused !== undefined) continue;
      const busy = await this.#send(note, wanted, machines, signal);
      if (busy !== undefined) return busy;
    }
    return answer.every;
  }

  /** Returns seconds where the controller is busy for so long. */
  async #send(
    note: SharedNote,
    wanted: WantedPart,
    all: readonly SharedMachine[],
    signal: AbortSignal,
  ): Promise<number | undefined> {
    const machines = all.filter((machine) => isOf(machine, wanted));
    const [first] = machines;
    if (first === undefined) return undefined;
    const base = readNetModel(first.base, this.#options.memory);
    const states = machines.flatMap((machine) => machine.states);
    const names = machines.map(({ name }) => name).join(', ');
    const { lessonSums } = await import('./lesson-sums.ts'); // most devices never need it
    const made = await lessonSums(base, states, wanted.fewest, note.marks).catch((failure: Error) => {
      if (failure instanceof SpikewireError && failure.code === 'unsupported') return failure.message;
      throw failure;
    });
    if (typeof made === 'string') return this.#wait(wanted, `${names}: ${made}`);
    const { sums, lessons, mark } = made;
    const bytes = writePart({ round: wanted.round, base: wanted.sha256, sums });
    const time = new Date((this.#options.now ?? Date.now)()).toISOString();
    const about = { machines: machines.map(({ name }) => name), lessons, bytes: bytes.length, time };
    const part = { round: wanted.round, ...about, mark };
    await note.keep({ ...part, acknowledged: false });
    const answer = await this.#link.sendPart(bytes, signal);
    if (answer.kind === 'busy') return answer.seconds;
    this.#waiting.delete(wanted.round);
    if (answer.kind === 'refused') {
      await note.keep({ ...part, acknowledged: true, refused: answer.reason });
      this.#options.warn?.(`sharing: the controller has not taken the lessons of ${names}: ${answer.reason}`);
      return undefined;
    }
    await note.keep({ ...part, acknowledged: true });
    this.#options.say?.(`controller: round ${wanted.round} got the sums of ${lessonsText(lessons)} of ${names}`);
    return undefined;
  }

  /** Says once why nothing has left. */
  #wait({ round }: WantedPart, why: string): undefined {
    const kind = why.replace(/\d+/g, '');
    if (this.#waiting.get(round) !== kind) this.#options.say?.(`controller: round ${round} gets nothing yet of ${why}`);
    if (this.#waiting.size > MOST_WAITING) this.#waiting.clear();
    this.#waiting.set(round, kind);
  }

  async #machines(): Promise<SharedMachine[]> {
    const { machines, names, memory } = this.#options;
    const shared = machines().filter(({ name, model, share }) => share ?? [name, model].some((n) => names.includes(n)));
    const all: SharedMachine[] = [];
    for (const machine of shared) {
      const learned = await readMachine(machine, MOST_STATE_BYTES);
      if (learned === undefined) continue;
      const { bytes: base } = learned.base;
      const { digest } = readNetModel(base, memory);
      const states = newestStates(machine.name, learned.slots, digest);
      if (states.length > 0) all.push({ ...machine, base, sha256: sha256Of(base), states });
    }
    return all;
  }
}

/** Rounds of which it is remembered that nothing was said. */
const MOST_WAITING = 64;

function isOf(machine: SharedMachine, { model, channel, sha256 }: WantedPart): boolean {
  return machine.model === model && machine.channel === channel && machine.sha256 === sha256;
}

function basesOf(machines: readonly SharedMachine[]) {
  const bases = new Map(
    machines.map(({ model, channel, sha256 }) => [`${model} ${channel} ${sha256}`, { model, channel, sha256 }]),
  );
  return [...bases.values()];
}

/** Of each net of a machine the newest state on this base. */
function newestStates(machine: string, slots: ReadonlyMap<string, Uint8Array>, digest: string): NamedState[] {
  const newest = new Map<string, { readonly sequence: bigint; readonly state: Uint8Array }>();
  for (const [path, bytes] of slots) {
    const net = STATE.exec(path)?.[1];
    if (net === undefined) continue;
    const { sequence, state, baseDigest } = parseSlot(bytes, path);
    if (baseDigest === digest && sequence > (newest.get(net)?.sequence ?? 0n)) newest.set(net, { sequence, state });
  }
  return [...newest].map(([net, { state }]) => ({ name: `${machine}/${net}`, state }));
}
