import { dirname, join } from 'node:path';
import { type FileSystem, systemCode, unless } from './file-system.ts';
import { MAXIMUM_SEQUENCE, MAXIMUM_SLOT_BYTES, parseSlot, type Slot, SlotError, type SlotFault } from './slot.ts';

/*
 * The files of a store:
 *
 *   a.slot, b.slot                     the two slots; the one with the higher sequence is the newest state
 *   a.slot.new, b.slot.new             a save under way, or cut off
 *   aside.<sequence>.<digest>.slot     a state of another base model, kept until that model returns or it is discarded
 *   damaged.<number>.<fault>.slot      what could not be read, for a person to look at; the newest few
 *   lock.<generation>                  see lock.ts
 */
const POSITIONS = ['a', 'b'] as const;
const UNFINISHED_NAME = /^[ab]\.slot\.new$/;
const ASIDE_NAME = /^aside\.([1-9]\d{0,18})\.([0-9a-f]{64})\.slot$/;
const DAMAGED_NAME = /^damaged\.(\d{1,15})\.([a-z-]+)\.slot$/;
const DAMAGED_FILES_KEPT = 8;

export type Position = (typeof POSITIONS)[number];

/** Why a file was put into quarantine: what the parser found, or that the medium cannot give it back, or its size. */
export type Damage = SlotFault | 'unreadable' | 'too-large';

/** A file that could not be used, under the name it has now. */
export interface QuarantinedFile {
  readonly name: string;
  readonly damage: Damage;
  readonly reason: string;
}

/** A saved state of another base model. */
export interface Stranger {
  readonly name: string;
  readonly baseDigest: string;
  readonly sequence: bigint;
}

/** What a folder holds after {@link SlotFolder.recover}. */
export interface Recovery {
  /** Sequence of the slot at each position that holds a state of this base model. */
  readonly sequences: Map<Position, bigint>;
  /** Larger than every sequence that any file in the folder bears. */
  readonly nextSequence: bigint;
  /** States of other base models, newest first. */
  readonly strangers: Stranger[];
}

type Finding =
  | { readonly kind: 'slot'; readonly slot: Slot }
  | { readonly kind: 'damaged'; readonly damage: Damage; readonly reason: string }
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

  /** Makes the folder, durably, with those above it that are missing. */
  async make(path = this.path): Promise<void> {
    const parent = dirname(path);
    try {
      await unless('EEXIST', this.#fileSystem.makeFolder(path));
    } catch (failure) {
      if (systemCode(failure) !== 'ENOENT' || parent === path) throw failure;
      await this.make(parent);
      await unless('EEXIST', this.#fileSystem.makeFolder(path));
    }
    await this.#syncParent(parent);
  }

  /**
   * Brings the folder into order after whatever happened to it: removes unfinished saves, quarantines what is damaged,
   * puts states of other base models aside and takes those of this one back, and makes all that durable.
   *
   * @param quarantined told of every file that had to be put away
   */
  async recover(quarantined: (file: QuarantinedFile) => void): Promise<Recovery> {
    const names = await this.#fileSystem.list(this.path);
    for (const name of names.filter((name) => UNFINISHED_NAME.test(name))) await this.#remove(name);
    const sequences = new Map<Position, bigint>();
    const aside = names.flatMap(parseAsideName);
    for (const position of POSITIONS) {
      const slot = await this.#readOrQuarantine(slotName(position), quarantined);
      if (slot?.baseDigest === this.baseDigest) sequences.set(position, slot.sequence);
      else if (slot !== undefined) aside.push(await this.#putAside(position, slot));
    }
    aside.sort((one, other) => (one.sequence > other.sequence ? -1 : 1));
    await this.#takeBack(aside, sequences, quarantined);
    await this.sync();
    const used = [...sequences.values(), ...aside.map((file) => file.sequence)];
    return {
      sequences,
      nextSequence: 1n + used.reduce((highest, sequence) => (sequence > highest ? sequence : highest), 0n),
      strangers: aside.filter((file) => file.baseDigest !== this.baseDigest),
    };
  }

  /** The slot at a position; undefined, after quarantine, if it is damaged or holds another model's state. */
  async read(position: Position, quarantined: (file: QuarantinedFile) => void): Promise<Slot | undefined> {
    return this.#readOrQuarantine(slotName(position), quarantined);
  }

  async readStranger(stranger: Stranger, quarantined: (file: QuarantinedFile) => void): Promise<Slot | undefined> {
    return this.#readOrQuarantine(stranger.name, quarantined);
  }

  async removeStranger(stranger: Stranger): Promise<void> {
    await this.#remove(stranger.name);
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
      const file = await this.#fileSystem.create(join(this.path, unfinished));
      try {
        await file.write(image);
        await file.syncData();
      } finally {
        await file.close();
      }
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

  async #readOrQuarantine(name: string, quarantined: (file: QuarantinedFile) => void): Promise<Slot | undefined> {
    const finding = await this.#inspect(name);
    if (finding.kind === 'damaged') quarantined(await this.#quarantine(name, finding.damage, finding.reason));
    return finding.kind === 'slot' ? finding.slot : undefined;
  }

  async #inspect(name: string): Promise<Finding> {
    const path = join(this.path, name);
    try {
      const read = () => this.#fileSystem.read(path, MAXIMUM_SLOT_BYTES);
      const bytes = await read().catch((failure) => {
        if (systemCode(failure) === 'EIO') return read(); // a worn card often answers at the second time
        throw failure;
      });
      return { kind: 'slot', slot: parseSlot(bytes, path) };
    } catch (failure) {
      const reason = failure instanceof Error ? failure.message : String(failure);
      if (failure instanceof SlotError) return { kind: 'damaged', damage: failure.fault, reason };
      if (systemCode(failure) === 'ENOENT') return { kind: 'absent' };
      if (systemCode(failure) === 'EIO') return { kind: 'damaged', damage: 'unreadable', reason };
      if (systemCode(failure) === 'EFBIG') return { kind: 'damaged', damage: 'too-large', reason };
      throw failure;
    }
  }

  /**
   * Renames a file after its fault and drops the oldest files so renamed. Slots of a newer format are no damage and are
   * not dropped: they wait for the newer spikewire.
   */
  async #quarantine(name: string, damage: Damage, reason: string): Promise<QuarantinedFile> {
    const files = (await this.#fileSystem.list(this.path)).filter((name) => damagedNumber(name) > 0);
    files.sort((one, other) => damagedNumber(other) - damagedNumber(one));
    const quarantined = `damaged.${1 + damagedNumber(files[0] ?? '')}.${damage}.slot`;
    await this.#rename(name, quarantined);
    const damaged = files.filter((name) => !name.endsWith('.version.slot'));
    for (const name of damaged.slice(DAMAGED_FILES_KEPT - 1)) await this.#remove(name);
    return { name: quarantined, damage, reason };
  }

  async #putAside(position: Position, { sequence, baseDigest }: Slot): Promise<Stranger> {
    const name = `aside.${sequence}.${baseDigest}.slot`;
    await this.#rename(slotName(position), name);
    return { name, baseDigest, sequence };
  }

  /**
   * Moves the newest states of this base model from aside into free positions, as after a rolled-back update. What was
   * moved out of the positions must be durable first: a power failure may undo that and still keep the moves in.
   */
  async #takeBack(
    aside: readonly Stranger[],
    sequences: Map<Position, bigint>,
    quarantined: (file: QuarantinedFile) => void,
  ): Promise<void> {
    const own = aside.filter((file) => file.baseDigest === this.baseDigest);
    if (own.length > 0) await this.sync();
    for (const file of own) {
      const position = POSITIONS.find((position) => !sequences.has(position));
      if (position === undefined) return;
      const slot = await this.#readOrQuarantine(file.name, quarantined);
      if (slot?.baseDigest !== this.baseDigest) continue;
      await this.#rename(file.name, slotName(position));
      sequences.set(position, slot.sequence);
    }
  }

  /** A folder that existed before may be fresh all the same: its maker may have been killed before this line. */
  async #syncParent(parent: string): Promise<void> {
    try {
      await this.#fileSystem.syncFolder(parent);
    } catch (failure) {
      const code = systemCode(failure);
      if (code !== 'EACCES' && code !== 'EPERM') throw failure; // a parent that is not ours to read was made by its owner
    }
  }

  async #rename(from: string, to: string): Promise<void> {
    await this.#fileSystem.rename(join(this.path, from), join(this.path, to));
  }

  async #remove(name: string): Promise<void> {
    await unless('ENOENT', this.#fileSystem.remove(join(this.path, name)));
  }
}

function slotName(position: Position): string {
  return `${position}.slot`;
}

function parseAsideName(name: string): Stranger[] {
  const [, sequence, baseDigest] = ASIDE_NAME.exec(name) ?? [];
  if (sequence === undefined || baseDigest === undefined || BigInt(sequence) > MAXIMUM_SEQUENCE) return [];
  return [{ name, baseDigest, sequence: BigInt(sequence) }];
}

/** The number in the name of a quarantined file, 0 for any other name. */
function damagedNumber(name: string): number {
  return Number(DAMAGED_NAME.exec(name)?.[1] ?? 0);
}
