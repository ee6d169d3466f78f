import { join } from 'node:path';
import { type FileSystem, systemCode, unless, writeDurably } from './file-system.ts';
import { MAXIMUM_SLOT_BYTES, parseSlot, type Slot, SlotError, type SlotFault } from './slot.ts';

/*
 * The files of a store:
 *
 *   a.slot, b.slot                     the two slots; the one with the higher sequence is the newest state
 *   a.slot.new, b.slot.new             a save under way, or cut off
 *   aside.<sequence>.<digest>.slot     a state of another base model, kept until that model returns or it is discarded
 *   refused.<sequence>.slot            a state that did not fit its net, for a person to look at; the newest few
 *   damaged.<number>.<fault>.slot      what is no slot, for a person to look at; the newest few
 *   lock.<generation>                  see lock.ts
 */
const POSITIONS = ['a', 'b'] as const;
const UNFINISHED_NAME = /^[ab]\.slot\.new$/;
const ASIDE_NAME = /^aside\.([1-9]\d{0,18})\.([0-9a-f]{64})\.slot$/;
const REFUSED_NAME = /^refused\.([1-9]\d{0,18})\.slot$/;
const DAMAGED_NAME = /^damaged\.(\d{1,12})\.([a-z-]+)\.slot$/;
const DAMAGED_FILES_KEPT = 8;
const REFUSED_FILES_KEPT = 4;
/** A worn card often answers at the second time. */
const READ_ATTEMPTS = 3;
/**
 * Larger sequences, which no device comes to, are somebody's invention: above what is believed there must be room to
 * save.
 */
const MAXIMUM_BELIEVED_SEQUENCE = 2n ** 61n;

export type Position = (typeof POSITIONS)[number];

/**
 * Why a file was put into quarantine: what the parser found, or its size or kind, or that the medium does not give it
 * back.
 */
export type Damage = SlotFault | 'too-large' | 'not-a-file' | 'unreadable';

/** A file that could not be used, under the name it has now. */
export interface QuarantinedFile {
  readonly name: string;
  readonly damage: Damage;
  readonly reason: string;
}

/** A saved state of another base model. */
export interface ForeignSlot {
  readonly name: string;
  readonly baseDigest: string;
  readonly sequence: bigint;
}

/** What a folder holds after {@link SlotFolder.recover}. */
export interface Recovery {
  /** Sequence of the slot at each position that holds a state of this base model. */
  readonly sequences: Map<Position, bigint>;
  /** Positions whose slot the medium does not give back now: it may be sound, so it stays until its place is needed. */
  readonly unreadable: Set<Position>;
  /** Larger than every sequence that any file in the folder bears. */
  readonly nextSequence: bigint;
  /** States of other base models, newest first. */
  readonly foreignSlots: ForeignSlot[];
}

type Finding =
  | { readonly kind: 'slot'; readonly slot: Slot }
  | { readonly kind: 'damaged'; readonly damage: Damage; readonly reason: string }
  | { readonly kind: 'unreadable'; readonly failure: unknown }
  | { readonly kind: 'absent' };

/**
 * The files of one store and the order of operations on them that makes every step survive a crash. It keeps no state
 * of its own and expects its methods to be called one after another by the holder of the lock.
 */
export class SlotFolder {
  readonly path: string;
  readonly baseDigest: string;
  readonly #fileSystem: FileSystem;

  constructor(path: string, baseDigest: string, fileSystem: FileSystem) {
    this.path = path;
    this.baseDigest = baseDigest;
    this.#fileSystem = fileSystem;
  }

  /**
   * Brings the folder into order after whatever happened to it: removes unfinished saves, quarantines what is damaged,
   * puts states of other base models aside and takes those of this one back, and makes all that durable. Rejects where
   * it finds no state of this model and the medium does not give back what may be one: to start anew would be to write
   * over it.
   *
   * @param quarantined told of every file that had to be put away
   */
  async recover(quarantined: (file: QuarantinedFile) => void): Promise<Recovery> {
    const names = await this.#fileSystem.list(this.path);
    for (const name of names.filter((name) => UNFINISHED_NAME.test(name))) await this.#clear(name, quarantined);
    const sequences = new Map<Position, bigint>();
    const unreadable = new Map<Position, unknown>();
    const before = names.flatMap(parseAsideName);
    const moved: ForeignSlot[] = [];
    for (const position of POSITIONS) {
      const name = slotName(position);
      const finding = await this.#inspectOrQuarantine(name, quarantined);
      if (finding.kind === 'unreadable') unreadable.set(position, finding.failure);
      if (finding.kind !== 'slot') continue;
      const { sequence, baseDigest } = finding.slot;
      if (!isBelieved(sequence)) quarantined(await this.#quarantine(name, 'sequence', `sequence ${sequence}`));
      else if (baseDigest === this.baseDigest) sequences.set(position, sequence);
      else moved.push(await this.#putAside(position, finding.slot));
    }
    const aside = [...before, ...moved].sort((one, other) => (one.sequence > other.sequence ? -1 : 1));
    const lost = await this.#takeBack(aside, sequences, new Set(unreadable.keys()), quarantined);
    await this.sync();
    // Beside a state that another model has left just now, what is unreadable is the older one of that model.
    if (moved.length === 0) lost.push(...unreadable.values());
    if (sequences.size === 0 && lost.length > 0) throw lost[0];
    const refused = names.filter((name) => REFUSED_NAME.test(name)).map(refusedSequence);
    const used = [...sequences.values(), ...aside.map((file) => file.sequence), ...refused.filter(isBelieved)];
    const highest = used.reduce((highest, sequence) => (sequence > highest ? sequence : highest), 0n);
    return {
      sequences,
      unreadable: new Set(unreadable.keys()),
      nextSequence: highest + 1n + BigInt(unreadable.size), // the slots alternate: an unreadable one is the next of the other
      foreignSlots: aside.filter((file) => file.baseDigest !== this.baseDigest),
    };
  }

  /** The slot at a position; undefined, after quarantine, if it is damaged. Rejects with what the medium says. */
  async read(position: Position, quarantined: (file: QuarantinedFile) => void): Promise<Slot | undefined> {
    return this.#readOrQuarantine(slotName(position), quarantined);
  }

  /** The newest slot of this base model that can be read, with nothing in the folder changed. */
  async peek(): Promise<Slot | undefined> {
    const names = await this.#fileSystem.list(this.path);
    const own = names.flatMap(parseAsideName).filter((file) => file.baseDigest === this.baseDigest);
    const slots: Slot[] = [];
    for (const name of [...POSITIONS.map(slotName), ...own.map((file) => file.name)]) {
      const finding = await this.#inspect(name);
      if (finding.kind === 'slot' && finding.slot.baseDigest === this.baseDigest) slots.push(finding.slot);
    }
    return slots.reduce<Slot | undefined>(
      (newest, slot) => (newest === undefined || slot.sequence > newest.sequence ? slot : newest),
      undefined,
    );
  }

  async readForeignSlot(foreign: ForeignSlot, quarantined: (file: QuarantinedFile) => void): Promise<Slot | undefined> {
    return this.#readOrQuarantine(foreign.name, quarantined);
  }

  /** Keeps the slot at a position, whose state did not fit its net, under another name, and returns that. */
  async refuse(position: Position, sequence: bigint): Promise<string> {
    const name = `refused.${sequence}.slot`;
    await this.#rename(slotName(position), name);
    const refused = (await this.#fileSystem.list(this.path)).filter((name) => REFUSED_NAME.test(name));
    refused.sort((one, other) => (refusedSequence(one) > refusedSequence(other) ? -1 : 1));
    for (const old of refused.slice(REFUSED_FILES_KEPT)) await this.#remove(old);
    return name;
  }

  /** Puts away a slot that the medium does not give back, when its place is needed. */
  async quarantineUnreadable(position: Position): Promise<QuarantinedFile> {
    return this.#quarantine(slotName(position), 'unreadable', 'the disk could not read it');
  }

  async removeForeignSlot(foreign: ForeignSlot): Promise<void> {
    await this.#remove(foreign.name);
  }

  /**
   * Replaces the slot at a position. The old one is there until the new one is complete on the medium.
   *
   * @param beforeReplacing may still veto, by throwing, when all is written
   */
  async write(position: Position, image: Uint8Array, beforeReplacing: () => Promise<void>): Promise<void> {
    const name = slotName(position);
    const unfinished = `${name}.new`;
    await this.#remove(unfinished);
    try {
      await writeDurably(this.#fileSystem, join(this.path, unfinished), image);
      await beforeReplacing();
      await this.#rename(unfinished, name);
    } catch (failure) {
      await this.#remove(unfinished).catch(() => undefined); // gives the space back now; the next save would do it too
      throw failure;
    }
  }

  /** Makes all changes of names so far durable. */
  async sync(): Promise<void> {
    await this.#fileSystem.syncFolder(this.path);
  }

  /** Removes an unfinished save, or whatever else has its name. */
  async #clear(name: string, quarantined: (file: QuarantinedFile) => void): Promise<void> {
    const { kind } = await this.#fileSystem.stat(join(this.path, name));
    if (kind !== 'folder') await this.#remove(name);
    else quarantined(await this.#quarantine(name, 'not-a-file', 'is a folder'));
  }

  async #readOrQuarantine(name: string, quarantined: (file: QuarantinedFile) => void): Promise<Slot | undefined> {
    const finding = await this.#inspectOrQuarantine(name, quarantined);
    if (finding.kind === 'unreadable') throw finding.failure;
    return finding.kind === 'slot' ? finding.slot : undefined;
  }

  async #inspectOrQuarantine(name: string, quarantined: (file: QuarantinedFile) => void): Promise<Finding> {
    const finding = await this.#inspect(name);
    if (finding.kind === 'damaged') quarantined(await this.#quarantine(name, finding.damage, finding.reason));
    return finding;
  }

  async #inspect(name: string): Promise<Finding> {
    const path = join(this.path, name);
    try {
      return { kind: 'slot', slot: parseSlot(await this.#readPatiently(path), path) };
    } catch (failure) {
      const reason = failure instanceof Error ? failure.message : String(failure);
      if (failure instanceof SlotError) return { kind: 'damaged', damage: failure.fault, reason };
      const code = systemCode(failure);
      if (code === 'ENOENT') return { kind: 'absent' };
      if (code === 'EIO') return { kind: 'unreadable', failure };
      if (code === 'EFBIG') return { kind: 'damaged', damage: 'too-large', reason };
      if (code === 'EFTYPE') return { kind: 'damaged', damage: 'not-a-file', reason };
      throw failure;
    }
  }

  async #readPatiently(path: string): Promise<Uint8Array> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#fileSystem.read(path, MAXIMUM_SLOT_BYTES);
      } catch (failure) {
        if (systemCode(failure) !== 'EIO' || attempt === READ_ATTEMPTS) throw failure;
      }
    }
  }

  /**
   * Renames a file after its fault and drops the oldest files so renamed. Slots of a newer format are no damage and are
   * not dropped: they wait for the newer spikewire. Folders stay, too: what is in them is not ours to judge.
   */
  async #quarantine(name: string, damage: Damage, reason: string): Promise<QuarantinedFile> {
    const files = (await this.#fileSystem.list(this.path)).filter((name) => damagedNumber(name) > 0);
    files.sort((one, other) => damagedNumber(other) - damagedNumber(one));
    const quarantined = `damaged.${1 + damagedNumber(files[0] ?? '')}.${damage}.slot`;
    await this.#rename(name, quarantined);
    const damaged = files.filter((name) => !name.endsWith('.version.slot'));
    for (const old of damaged.slice(DAMAGED_FILES_KEPT - 1)) {
      await this.#remove(old).catch((failure) => {
        if (!old.endsWith('.not-a-file.slot')) throw failure;
      });
    }
    return { name: quarantined, damage, reason };
  }

  async #putAside(position: Position, { sequence, baseDigest }: Slot): Promise<ForeignSlot> {
    const name = `aside.${sequence}.${baseDigest}.slot`;
    await this.#rename(slotName(position), name);
    return { name, baseDigest, sequence };
  }

  /**
   * Moves the newest states of this base model from aside into free positions, as after a rolled-back update. What was
   * moved out of the positions must be durable first: a power failure may undo that and still keep the moves in.
   *
   * @returns why the medium did not give back those that it did not
   */
  async #takeBack(
    aside: readonly ForeignSlot[],
    sequences: Map<Position, bigint>,
    unreadable: ReadonlySet<Position>,
    quarantined: (file: QuarantinedFile) => void,
  ): Promise<unknown[]> {
    const failures: unknown[] = [];
    const own = aside.filter((file) => file.baseDigest === this.baseDigest);
    if (own.length > 0) await this.sync();
    for (const file of own) {
      const position = POSITIONS.find((position) => !sequences.has(position) && !unreadable.has(position));
      if (position === undefined) break;
      const finding = await this.#inspectOrQuarantine(file.name, quarantined);
      if (finding.kind === 'unreadable') failures.push(finding.failure);
      if (finding.kind !== 'slot' || finding.slot.baseDigest !== this.baseDigest) continue;
      await this.#rename(file.name, slotName(position));
      sequences.set(position, finding.slot.sequence);
    }
    return failures;
  }

  async #rename(from: string, to: string): Promise<void> {
    await this.#fileSystem.rename(join(this.path, from), join(this.path, to));
  }

  async #remove(name: string): Promise<void> {
    await unless('ENOENT', this.#fileSystem.remove(join(this.path, name)));
  }
}

/** Whether a file is a state: of the base model, or of another one. */
export function isStateName(name: string): boolean {
  return POSITIONS.some((position) => slotName(position) === name) || ASIDE_NAME.test(name);
}

function slotName(position: Position): string {
  return `${position}.slot`;
}

function parseAsideName(name: string): ForeignSlot[] {
  const [, sequence, baseDigest] = ASIDE_NAME.exec(name) ?? [];
  if (sequence === undefined || baseDigest === undefined || !isBelieved(BigInt(sequence))) return [];
  return [{ name, baseDigest, sequence: BigInt(sequence) }];
}

function isBelieved(sequence: bigint): boolean {
  return sequence <= MAXIMUM_BELIEVED_SEQUENCE;
}

function refusedSequence(name: string): bigint {
  return BigInt(REFUSED_NAME.exec(name)![1]!);
}

/** The number in the name of a quarantined file, 0 for any other name. */
function damagedNumber(name: string): number {
  return Number(DAMAGED_NAME.exec(name)?.[1] ?? 0);
}
