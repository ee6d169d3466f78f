import { SpikewireError } from '@spikewire/models';
import type { RepositoryClient } from '../repository/client.ts';
import { download } from '../repository/download.ts';
import { type Offer, offerFor, type Wish } from '../repository/offer.ts';
import type { RepositorySource } from '../repository/source.ts';
import type { UpdateSource } from '../update/ports.ts';

export interface RepositoryUpdatesOptions {
  readonly client: RepositoryClient;
  readonly source: RepositorySource;
  readonly wish: Wish;
  /** Where the files of bases are put. */
  readonly folder: string;
  /** This program's version, as `major.minor.patch`. */
  readonly version: string;
  /** Bytes a second that a download may take; no limit where absent. */
  readonly rate?: number | undefined;
}

/** What a signed repository has for this device. */
export class RepositoryUpdates implements UpdateSource {
  readonly #options: RepositoryUpdatesOptions;

  constructor(options: RepositoryUpdatesOptions) {
    this.#options = options;
  }

  async look(signal: AbortSignal): Promise<Offer | undefined> {
    const { client, wish, version } = this.#options;
    const offer = offerFor(wish, await client.refresh(signal));
    if (offer === undefined || !isOlder(version, offer.engine)) return offer;
    throw new SpikewireError('unsupported', offer.target.name, `needs spikewire ${offer.engine}`, `this is ${version}`);
  }

  async fetch({ target }: Offer, onProgress: (done: number, of: number) => void, signal: AbortSignal): Promise<void> {
    const { source, folder, rate } = this.#options;
    await download({ source, target, folder, rate, signal, onProgress });
  }
}

/** Whether a version is below another; what is no number counts as 0. */
function isOlder(version: string, other: string): boolean {
  const [a, b] = [version, other].map((text) => text.split('.', 3).map((part) => Number.parseInt(part, 10) || 0));
  for (let k = 0; k < 3; k++) if ((a![k] ?? 0) !== (b![k] ?? 0)) return (a![k] ?? 0) < (b![k] ?? 0);
  return false;
}
