import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { create, DEFAULT_VALIDITY, describe, publish, type SigningKey, Site, targetEntry } from '@spikewire/fleet';
import { type Model, writeModel } from '@spikewire/models';
import { customOf, TrustFolder } from 'spikewire/agent';

const COUNTS = { root: { keys: 1, threshold: 1 }, targets: { keys: 1, threshold: 1 } };
/** What a device has learned must come along: the lessons it was taught are taught again. */
const LEARNED = ['carry'] as const;

/** Who signs models, with a repository in a folder and keys beside it. */
export class Publisher {
  readonly folder: string;
  readonly #site: Site;
  readonly #keys: readonly SigningKey[];

  /** Makes an empty repository, and its keys. */
  static async begin(folder: string): Promise<Publisher> {
    const keyFolder = join(folder, 'keys');
    const site = new Site(join(folder, 'site'), new TrustFolder(join(keyFolder, 'trusted')));
    const keys = await create(site, keyFolder, { counts: COUNTS, validity: DEFAULT_VALIDITY, now: Date.now() });
    return new Publisher(site, keys);
  }

  private constructor(site: Site, keys: readonly SigningKey[]) {
    this.folder = site.folder;
    this.#site = site;
    this.#keys = keys;
  }

  /** What a device is given to trust. */
  get root(): Promise<Uint8Array> {
    return readFile(join(this.folder, 'metadata', '1.root.json'));
  }

  async publish(name: string, model: Model): Promise<void> {
    const bytes = writeModel(model);
    const publication = { model: name, channel: 'stable', groups: [], carrying: LEARNED, bases: [] };
    const entry = targetEntry(bytes, customOf(await describe(model, bytes.length, version(), publication)));
    const change = { site: this.#site, keys: this.#keys, now: Date.now() };
    await publish(change, `stable/${name}.spike`, bytes, entry);
  }
}

export function version(): string {
  return createRequire(import.meta.url)('@spikewire/demo/package.json').version;
}
