import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceDurably } from 'spikewire/store';
import { FirstMessageNets } from '../nets/first-message-nets.ts';
import { modelBytes } from '../nets/model-bytes.ts';
import type { Nets } from '../nets/nets.ts';
import type { NetSettings } from '../nets/settings.ts';
import type { Message } from '../node-red.ts';
import { type ClassifierShape, classifierBytes, shapeDocument, shapeOf, trainedBytes } from './classifier-model.ts';

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
  readonly #first: FirstMessageNets<ClassifierShape>;
  readonly #cleaned: Promise<void>;

  /** `make` is called at once, and again when another net takes the place. */
  constructor(settings: ClassifierSettings, make: (settings: NetSettings) => Nets, warn: (line: string) => void) {
    this.settings = settings;
    this.#first = new FirstMessageNets({
      directory: settings.directory,
      form: shapeDocument,
      find: (payload) => shapeOf(payload, settings.form),
      make: () => make({ ...settings, model: { kind: 'made', make: () => this.#modelBytes() } }),
      warn,
    });
    // Of a process that was killed.
    this.#cleaned = rm(this.trainingFolder, { recursive: true, force: true }).catch(() => {});
  }

  get nets(): Nets {
    return this.#first.nets;
  }

  /** Where a net that was trained in the editor lies, as it runs. */
  get #trainedPath(): string {
    return join(this.settings.directory, 'trained.spike');
  }

  /** For the files of a training while it runs. */
  get trainingFolder(): string {
    return join(this.settings.directory, 'training');
  }

  /** Those of the net that was trained in the editor, or of the one that is taught from the beginning. */
  async #modelBytes(): Promise<Uint8Array> {
    const shape = this.#first.found!;
    if (this.settings.model !== undefined) return this.beginner(shape);
    return modelBytes({ kind: 'file', path: this.#trainedPath }).catch((problem: Error) => {
      if ((problem.cause as NodeJS.ErrnoException).code === 'ENOENT') return this.beginner(shape);
      throw problem;
    });
  }

  /** The bytes of the net that is taught from the beginning, where readings hold this. */
  async beginner(shape: ClassifierShape): Promise<Uint8Array> {
    const { model } = this.settings;
    if (model === undefined) return classifierBytes(shape, this.settings);
    return trainedBytes(await modelBytes({ kind: 'file', path: model }), shape);
  }

  /** The bytes of the net that recordings are taught to: the one that updates let run, where readings hold the same. */
  async learner(shape: ClassifierShape): Promise<Uint8Array> {
    const isSame = JSON.stringify(shape) === JSON.stringify(this.#first.found);
    const updated = isSame ? await this.nets.updatedModel() : undefined;
    return updated ?? this.beginner(shape);
  }

  /** Whether it is known what readings hold; nothing is opened before. */
  knowsShape(): Promise<boolean> {
    return this.#first.isKnown();
  }

  /** The nets for a message, the first of which says what all hold. Rejects with `input` where it does not. */
  netsFor(message: Message): Promise<Nets> {
    return this.#first.netsFor(message);
  }

  /**
   * Goes on with a net that was trained, without what others were taught. Rejects with what is wrong with it before
   * anything changes. The file is of a net as it runs: where power fails before the shape is kept, it needs none.
   */
  async load(bytes: Uint8Array, shape: ClassifierShape): Promise<void> {
    const running = trainedBytes(bytes, shape);
    await this.#first.replace(shape, () => replaceDurably(this.#trainedPath, running));
  }

  /** Goes on from what a net of the same model has learned, in a flow's only net. */
  async goOnFrom(state: Uint8Array): Promise<void> {
    const { nets } = this;
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
    await this.#first.replace(undefined, () => rm(this.#trainedPath, { force: true }));
  }

  async close(): Promise<void> {
    await this.#cleaned;
    await this.#first.close();
  }
}
