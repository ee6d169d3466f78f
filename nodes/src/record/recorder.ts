import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describeValue, SpikewireError } from 'spikewire';
import { makeFolder, Recording } from 'spikewire/recorded';
import type { ReadingForm } from 'spikewire/session';
import { Turns } from '../nets/turns.ts';

export interface RecorderSettings {
  /** One for each class comes into it; what has no label lies in itself, where no training looks for a class. */
  readonly folder: string;
  readonly form: ReadingForm;
  readonly bytesPerFile: number;
  /** Recordings that the folder may have. */
  readonly files: number;
  /** Readings that are written; what comes faster is dropped. */
  readonly perSecond: number;
  /** After which a recording ends by itself; undefined: never. */
  readonly seconds: number | undefined;
}

/** Why a recording has ended. */
export type End = 'stopped' | 'full' | 'label' | 'failed';

/** A recording that is over and has a file. */
export interface Recorded {
  readonly file: string;
  readonly label: string;
  readonly readings: number;
  /** Those of the readings that a broker had kept from before. */
  readonly retained: number;
  readonly bytes: number;
  /** Readings that came too fast, and messages that were none. */
  readonly dropped: number;
  readonly bad: number;
  readonly end: End;
}

/** What a recorder does at the moment. */
export interface RecorderState {
  readonly recording: boolean;
  /** Of what is recorded or was last. */
  readonly label: string;
  readonly readings: number;
}

export interface RecorderListener {
  /** After each change of what it does. */
  changed(state: RecorderState): void;
  /** A recording is over. */
  ended(recorded: Recorded): void;
}

/** Messages that wait for the disk. */
const WAITING = 4096;
const DRAIN_MS = 8000;
const UNLABELLED = '';
/** Names that a folder may have on any file system. */
const FOLDER_NAME = /^(?![.\s])[^\p{C}\\/:*?"<>|]+(?<![.\s])$/u;
const LONGEST_LABEL = 64;

interface Running {
  readonly recording: Recording;
  readonly file: string;
  readonly label: string;
}

/**
 * Writes readings into files between a start and a stop, a file per recording and never one that is there: what a
 * power failure or a full disk leaves can be read up to the last whole reading.
 */
export class Recorder {
  readonly #settings: RecorderSettings;
  readonly #listener: RecorderListener;
  readonly #turns = new Turns(WAITING);
  /** The label that was said when it was started, for all readings until it is stopped. */
  #said: string | undefined;
  /** What was asked for last, and what holds once all that came before is done. */
  #asked = false;
  #on = false;
  #running: Running | undefined;
  #last: Pick<RecorderState, 'label' | 'readings'> = { label: UNLABELLED, readings: 0 };
  /** When the next reading may be written, in monotonic milliseconds. */
  #due = 0;
  /** Readings that came too fast since the last recording ended, or the start. */
  #dropped = 0;
  /** Recordings so far of all recorders: two that begin in one millisecond have files of their own. */
  static #count = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(settings: RecorderSettings, listener: RecorderListener) {
    this.#settings = settings;
    this.#listener = listener;
  }

  get state(): RecorderState {
    const { label, recording } = this.#running ?? {};
    return this.#running === undefined
      ? { recording: this.#on, ...this.#last }
      : { recording: this.#on, label: label!, readings: recording!.readings };
  }

  /**
   * Begins a recording with the next reading, after those that came before; one that runs is ended. Throws `input` for
   * what is no label.
   */
  async start(label?: string): Promise<void> {
    const said = label === undefined ? undefined : checkedLabel(label);
    this.#asked = true;
    await this.#turns.run('', async () => {
      await this.#end('stopped');
      this.#said = said;
      this.#dropped = 0;
      this.#on = true;
      this.#last = { label: said ?? UNLABELLED, readings: 0 };
      this.#startTimer();
      this.#listener.changed(this.state);
    });
  }

  #startTimer(): void {
    const { seconds } = this.#settings;
    clearTimeout(this.#timer);
    if (seconds !== undefined) this.#timer = setTimeout(() => void this.stop().catch(() => {}), 1000 * seconds);
  }

  /** Ends the recording that runs, after the readings that came before. */
  stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#asked = false;
    return this.#turns.run('', async () => {
      this.#on = false;
      await this.#end('stopped');
      this.#listener.changed(this.state);
    });
  }

  /** Starts where it does not record, else stops. */
  toggle(): Promise<void> {
    return this.#on ? this.stop() : this.start();
  }

  /**
   * Takes the reading of a message, where it records. Rejects with `input` for what is none, `file` or `budget` where
   * it cannot be written: the recording has ended then. What is `retained` a broker had kept from before.
   */
  async take(payload: Uint8Array, label: string | undefined, retained = false): Promise<void> {
    if (!this.#asked) return;
    await this.#turns.run('', () => this.#take(payload, label, retained));
  }

  async #take(payload: Uint8Array, given: string | undefined, retained: boolean): Promise<void> {
    if (!this.#on) return;
    const label = this.#said ?? (given === undefined ? UNLABELLED : checkedLabel(given));
    if (this.#running !== undefined && this.#running.label !== label) await this.#end('label');
    if (!this.#isDue()) return;
    try {
      this.#running ??= await this.#begin(label);
      if ((await this.#running.recording.add(payload, retained)) === 'full') await this.#giveUp('full');
    } catch (problem) {
      if (!(problem instanceof SpikewireError) || problem.code !== 'input') await this.#giveUp('failed');
      throw problem;
    }
    this.#listener.changed(this.state);
  }

  /** Holds the readings to an even rate, with as many at once as come in a tenth of a second. */
  #isDue(): boolean {
    const now = performance.now();
    if (now >= this.#due - 100) {
      this.#due = Math.max(this.#due, now) + 1000 / this.#settings.perSecond;
      return true;
    }
    this.#dropped++;
    return false;
  }

  async #begin(label: string): Promise<Running> {
    const { folder, form, files, bytesPerFile } = this.#settings;
    await makePlace(folder);
    const present = await countRecordings(folder);
    if (present >= files) {
      const expected = 'fewer: delete or move some, or raise "files"';
      throw new SpikewireError('budget', folder, `has ${present} recordings`, expected);
    }
    const place = join(folder, label);
    await makePlace(place);
    const time = new Date().toISOString().replace(/[:.]/g, '-').replace('Z', '');
    const file = join(place, `${time}-${++Recorder.#count}.jsonl`);
    const recording = new Recording({ path: file, label, limit: bytesPerFile, form, isNew: true });
    return { recording, file, label };
  }

  /** Ends the recording, and takes no more readings until it is started again. */
  async #giveUp(end: End): Promise<void> {
    this.#on = false;
    clearTimeout(this.#timer);
    await this.#end(end);
  }

  async #end(end: End): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    this.#running = undefined;
    const { recording, file, label } = running;
    const dropped = this.#dropped;
    this.#dropped = 0;
    const { readings, retained, bytes, bad } = recording;
    this.#last = { label, readings };
    await recording.close().catch((problem: unknown) => {
      if (end !== 'failed') throw problem; // that was said
    });
    if (readings > 0) this.#listener.ended({ file, label, readings, retained, bytes, dropped, bad, end });
  }

  /** Ends the recording, and resolves when the file is closed. */
  async close(): Promise<void> {
    await this.stop().catch(() => {}); // a closed recorder has nobody to tell
    await this.#turns.close(DRAIN_MS);
  }
}

/** The name of a class as the folder of its recordings, which training takes for the class. Throws `input`. */
function checkedLabel(label: string): string {
  if (label === UNLABELLED) return label;
  const isShort = label.length <= LONGEST_LABEL && Buffer.byteLength(label) <= LONGEST_LABEL;
  if (isShort && FOLDER_NAME.test(label)) return label;
  const expected = `a name of up to ${LONGEST_LABEL} bytes that is allowed for a folder`;
  throw new SpikewireError('input', 'label', `is ${describeValue(label)}`, expected);
}

async function makePlace(place: string): Promise<void> {
  await makeFolder(place).catch((cause: Error) => {
    throw new SpikewireError('file', place, `cannot be made (${cause.message})`, 'a folder for recordings', cause);
  });
}

/** The folder of a class counts as one before there is a recording: messages that are none make no others either. */
async function countRecordings(folder: string): Promise<number> {
  let count = 0;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) count += Math.max(1, (await readdir(join(folder, entry.name))).filter(isRecording).length);
    else if (isRecording(entry.name)) count++;
  }
  return count;
}

const isRecording = (name: string) => name.endsWith('.jsonl');
