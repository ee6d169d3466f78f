import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SpikewireError } from 'spikewire';
import { replaceDurably } from '../nets/durable-file.ts';
import { modelBytes } from '../nets/model-bytes.ts';
import type { Nets } from '../nets/nets.ts';
import { payloadBytes } from '../nets/request.ts';
import type { NetSettings } from '../nets/settings.ts';
import type { Message } from '../node-red.ts';
import { type ClassifierShape, classifierBytes, isShape, shapeOf, trainedBytes } from './classifier-model.ts';

export interface ClassifierSettings extends Omit<NetSettings, 'model'> {
  /** The path of a trained model; undefined: one is made for the first message. */
  readonly model: string | undefined;
  /** Whether messages hold readings, of which features are made, or features. */
  readonly takes: 'readings' | 'features';
  /** Samples per second, where a reading is a block of them. */
  readonly rate: number | undefined;
}

/**
 * The nets of a node that names classes: what readings hold is what the first good message holds, and stays so after a
 * restart. A net that was trained in the editor takes the place of the one that is made, until all is forgotten.
 */
export class Classifier {
  readonly settings: ClassifierSettings;
  readonly #make: (settings: NetSettings) => Nets;
  readonly #warn: (line: string) => void;
  #shape: ClassifierShape | undefined;
  #nets: Nets;
  /** Until then nobody knows what readings hold, or which net there is. */
  #settled: Promise<void>;

  /** `make` is called at once, and again when another net takes the place. */
  constructor(settings: ClassifierSettings, make: (settings: NetSettings) => Nets, warn: (line: string) => void) {
    this.settings = settings;
    this.#make = make;
    this.#warn = warn;
    this.#nets = this.#newNets();
    this.#settled = this.#recall();
  }

  get nets(): Nets {
    return this.#nets;
  }

  get shape(): ClassifierShape | undefined {
    return this.#shape;
  }

  get #shapePath(): string {
    return join(this.settings.directory, 'shape.json');
  }

  /** Where a net that was trained in the editor lies. */
  get trainedPath(): string {
    return join(this.settings.directory, 'trained.spike');
  }

  /** For the files of a training while it runs. */
  get trainingFolder(): string {
    return join(this.settings.directory, 'training');
  }

  async #recall(): Promise<void> {
    await rm(this.trainingFolder, { recursive: true, force: true }).catch(() => {}); // of a process that was killed
    const known: unknown = await readFile(this.#shapePath, 'utf8')
      .then(JSON.parse)
      .catch(() => undefined);
    if (isShape(known)) this.#shape = known;
  }

  #newNets(): Nets {
    return this.#make({ ...this.settings, model: { kind: 'made', make: () => this.#modelBytes() } });
  }

  async #modelBytes(): Promise<Uint8Array> {
    const bytes = await this.#givenBytes();
    return bytes === undefined ? classifierBytes(this.#shape!, this.settings) : trainedBytes(bytes, this.#shape!);
  }

  /** Those of the file that the settings name, or of the net that was trained in the editor; undefined without either. */
  #givenBytes(): Promise<Uint8Array | undefined> {
    const { model } = this.settings;
    return modelBytes({ kind: 'file', path: model ?? this.trainedPath }).catch((problem: Error) => {
      if (model === undefined && (problem.cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw problem;
    });
  }

  /** Whether it is known what readings hold; nothing is opened before. */
  async knowsShape(): Promise<boolean> {
    await this.#settled;
    return this.#shape !== undefined;
  }

  /** The nets for a message, the first of which says what all hold. Rejects with `input` where it does not. */
  async netsFor(message: Message): Promise<Nets> {
    if (!(await this.knowsShape())) this.#learnShape(message);
    await this.#settled;
    return this.#nets;
  }

  #learnShape({ payload, topic, command }: Message): void {
    this.#nets.keyOf(topic);
    if (command !== undefined)
      throw new SpikewireError('input', 'msg.command', 'came before the first reading', 'a reading in msg.payload');
    const shape = shapeOf(payloadBytes(payload), this.settings.form);
    this.#shape = shape;
    this.#settled = this.#keep(this.#shapePath, JSON.stringify(shape)).catch((failure: Error) => {
      this.#warn(`what readings hold could not be saved: ${failure.message}`);
    });
  }

  async #keep(path: string, content: string | Uint8Array): Promise<void> {
    await replaceDurably(path, typeof content === 'string' ? new TextEncoder().encode(content) : content);
  }

  /** The bytes of the net that is taught from the beginning, where readings hold this. */
  async beginner(shape: ClassifierShape): Promise<Uint8Array> {
    const { model } = this.settings;
    if (model === undefined) return classifierBytes(shape, this.settings);
    return trainedBytes(await modelBytes({ kind: 'file', path: model }), shape);
  }

  /** Goes on with a net that was trained, without what others were taught. Rejects with what is wrong with it. */
  load(bytes: Uint8Array, shape: ClassifierShape): Promise<void> {
    trainedBytes(bytes, shape); // what is wrong is said before anything changes
    return this.#replace(async () => {
      await this.#keep(this.trainedPath, bytes);
      await this.#keep(this.#shapePath, JSON.stringify(shape));
      this.#shape = shape;
    });
  }

  /** Goes on from what a net of the same model has learned, in a flow's only net. */
  async goOnFrom(state: Uint8Array): Promise<void> {
    const nets = this.#nets;
    const key = nets.keyOf(undefined);
    await nets.ask(key, (desk) =>
      desk.pool.use(key, async (kept) => {
        await kept.session.restore(state);
        await kept.save();
      }),
    );
  }

  /** Forgets what readings hold and the trained net, so that another sensor may follow; where topics share neither. */
  async forget(): Promise<void> {
    if (this.settings.per !== 'flow') return;
    await this.#replace(async () => {
      await rm(this.#shapePath, { force: true });
      await rm(this.trainedPath, { force: true });
      this.#shape = undefined;
    });
  }

  #replace(change: () => Promise<void>): Promise<void> {
    const before = this.#settled;
    const replaced = before.then(async () => {
      await this.#nets.close();
      try {
        await change();
      } finally {
        this.#nets = this.#newNets();
      }
    });
    this.#settled = replaced.catch(() => {}); // whoever asked for it is told
    return replaced;
  }

  async close(): Promise<void> {
    await this.#settled;
    await this.#nets.close();
  }
}
