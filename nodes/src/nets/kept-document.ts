import { join } from 'node:path';
import { SpikewireError } from 'spikewire';
import { type FileSystem, nodeFileSystem, replaceDurably } from 'spikewire/store';

const MOST_BYTES = 1 << 16;

/** How something is said in JSON. */
export interface DocumentForm<Kept> {
  /** The name of its file. */
  readonly file: string;
  toJson(kept: Kept): unknown;
  /** Undefined, or an error, where the document says nothing of the kind. */
  fromJson(document: unknown): Kept | undefined;
}

/** Something small that is kept in the folder of a node's nets, beside what was learned. */
export class KeptDocument<Kept> {
  readonly #form: DocumentForm<Kept>;
  readonly #path: string;
  readonly #files: FileSystem;

  constructor(form: DocumentForm<Kept>, directory: string, files = nodeFileSystem) {
    this.#form = form;
    this.#path = join(directory, form.file);
    this.#files = files;
  }

  /** Undefined where there is none, or none that can be read. */
  async read(): Promise<Kept | undefined> {
    try {
      const text = new TextDecoder().decode(await this.#files.read(this.#path, MOST_BYTES));
      return this.#form.fromJson(JSON.parse(text));
    } catch {
      return undefined;
    }
  }

  /** Resolves when it survives a power failure. Rejects with `budget` for what is too long to be read again. */
  async write(kept: Kept): Promise<void> {
    const bytes = new TextEncoder().encode(JSON.stringify(this.#form.toJson(kept)));
    if (bytes.length > MOST_BYTES)
      throw new SpikewireError('budget', 'message', `names channels in ${bytes.length} bytes`, `at most ${MOST_BYTES}`);
    await replaceDurably(this.#path, bytes, this.#files);
  }

  async forget(): Promise<void> {
    await this.#files.remove(this.#path).catch(() => {}); // there was none
  }
}
