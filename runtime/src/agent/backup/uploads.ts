import { createHash, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { type RandomGenerator, SpikewireError } from '@spikewire/models';
import { replaceDurably } from '../../store/durable-file.ts';
import { nodeFileSystem } from '../../store/file-system.ts';
import type { Identity } from '../fleet/identity.ts';
import { ControllerLink, type LinkOptions } from '../fleet/link.ts';
import { jittered, type Pause, pauseFor } from '../pauses.ts';
import { type MachineBackup, writeDeviceArchive } from './device-archive.ts';
import { type MachineFolders, readMachine } from './machine-folders.ts';
import { LARGEST_BACKUP, SEALING_BYTES, sealBackup } from './sealed-backup.ts';

export interface UploadOptions extends Omit<LinkOptions, 'patience'> {
  /** Where it is noted what was last uploaded. */
  readonly folder: string;
  readonly identity: Identity;
  /** Public X25519 key of the operator. */
  readonly recovery: KeyObject;
  /** The machines that run now. */
  readonly machines: () => readonly MachineFolders[];
  /** Between two backups, in mean. */
  readonly everySeconds: number;
  /** Draws when to upload: devices that start together do not upload together. */
  readonly random: RandomGenerator;
  readonly say?: (line: string) => void;
  readonly warn?: (line: string) => void;
  readonly pause?: Pause;
}

/** What was last uploaded, as `fleet/backup.json` has it. */
interface Uploaded {
  readonly time: number;
  /** SHA-256 of what was learned, of the key and of the controller. */
  readonly hash: string;
}

/** After the start of the process, and after a failure. */
const LONGEST_START_SECONDS = 600;
const RETRY_SECONDS = 3600;
/** Between two looks whether the device has joined. */
const NOT_JOINED_SECONDS = 10;
/** Of an upload: the largest one at half a megabit a second. */
const PATIENCE_MS = 90_000;
const LARGEST_NOTE = 1024;

/**
 * Gives the controller what machines have learned, encrypted so that only the operator can read it: at each interval,
 * where it has changed. What fails is said in one line and tried again.
 */
export class BackupUploads {
  readonly #options: UploadOptions;
  readonly #link: ControllerLink;
  readonly #note: string;
  #problem: string | undefined;

  constructor(options: UploadOptions) {
    this.#options = options;
    this.#link = new ControllerLink(options.identity, { ...options, patience: PATIENCE_MS });
    this.#note = join(options.folder, 'backup.json');
  }

  /** Uploads until the signal is aborted. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { everySeconds, random, now = Date.now } = this.#options;
    const last = await this.#last();
    const rest = last === undefined ? 0 : everySeconds - Math.abs(now() - last.time) / 1000;
    await this.#pause(Math.max(0, rest) + Math.min(LONGEST_START_SECONDS, everySeconds) * random.nextUniform(), signal);
    while (!signal.aborted) await this.#pause(await this.#turn(signal), signal);
  }

  /** Returns the seconds until the next time. */
  async #turn(signal: AbortSignal): Promise<number> {
    const { everySeconds, identity } = this.#options;
    if (identity.token !== undefined) return Math.min(NOT_JOINED_SECONDS, everySeconds);
    try {
      const seconds = await this.#upload(signal);
      this.#problem = undefined;
      return seconds;
    } catch (failure) {
      const { message } = failure as Error;
      if (!signal.aborted && message !== this.#problem) this.#options.warn?.(`backup: ${message}; it is tried again`);
      this.#problem = message;
      return this.#jittered(Math.min(RETRY_SECONDS, everySeconds));
    }
  }

  async #upload(signal: AbortSignal): Promise<number> {
    const { identity, recovery, everySeconds, say, now = Date.now } = this.#options;
    const { device, publicKey, key } = identity;
    const machines = await this.#learned();
    const hash = this.#hashOf(machines);
    if (machines.size === 0 || hash === (await this.#last())?.hash) return this.#jittered(everySeconds);
    const time = now();
    const archive = writeDeviceArchive({ device, made: new Date(time).toISOString(), machines });
    if (archive.length + SEALING_BYTES > LARGEST_BACKUP) throw tooLarge(archive.length + SEALING_BYTES);
    const sealed = sealBackup(archive, { publicKey, key }, recovery);
    const busy = await this.#link.backUp(sealed, signal);
    if (busy !== undefined) return this.#jittered(Math.max(busy, Math.min(RETRY_SECONDS, everySeconds)));
    await this.#keep({ time, hash });
    say?.(`controller: backed up what ${[...machines.keys()].join(', ')} learned (${sealed.length} bytes)`);
    return this.#jittered(everySeconds);
  }

  async #learned(): Promise<ReadonlyMap<string, MachineBackup>> {
    const machines = new Map<string, MachineBackup>();
    for (const folders of this.#options.machines()) {
      const learned = await readMachine(folders, LARGEST_BACKUP);
      if (learned !== undefined) machines.set(folders.name, learned);
    }
    return machines;
  }

  #hashOf(machines: ReadonlyMap<string, MachineBackup>): string {
    const { identity, recovery } = this.#options;
    const { device, controller } = identity;
    const hash = createHash('sha256').update(writeDeviceArchive({ device, made: '', machines }));
    return hash
      .update(recovery.export({ format: 'der', type: 'spki' }))
      .update(controller)
      .digest('hex');
  }

  /** Undefined where there is no note, or a damaged one: a backup too many harms nobody. */
  async #last(): Promise<Uploaded | undefined> {
    try {
      const bytes = await nodeFileSystem.read(this.#note, LARGEST_NOTE);
      const { time, hash } = JSON.parse(Buffer.from(bytes).toString()) as Partial<Uploaded>;
      return typeof time === 'number' && typeof hash === 'string' ? { time, hash } : undefined;
    } catch {
      return undefined;
    }
  }

  #keep(uploaded: Uploaded): Promise<void> {
    return replaceDurably(this.#note, Buffer.from(JSON.stringify(uploaded)));
  }

  #jittered(seconds: number): number {
    return jittered(seconds, this.#options.random);
  }

  #pause(seconds: number, signal: AbortSignal): Promise<void> {
    return pauseFor(seconds, signal, this.#options.pause);
  }
}

function tooLarge(bytes: number): SpikewireError {
  const expected = `at most ${LARGEST_BACKUP}; save these stores with "spikewire backup"`;
  return new SpikewireError('unsupported', 'machines', `have learned ${bytes} bytes`, expected);
}
