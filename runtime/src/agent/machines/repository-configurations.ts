import type { RepositoryClient } from '../repository/client.ts';
import { download } from '../repository/download.ts';
import type { Target } from '../repository/metadata.ts';
import type { RepositorySource } from '../repository/source.ts';
import type { ConfigurationSource } from './followed-configuration.ts';
import { configurationFor } from './published-configuration.ts';

/** What a signed repository has for a device in these groups. */
export class RepositoryConfigurations implements ConfigurationSource {
  readonly #client: RepositoryClient;
  readonly #source: RepositorySource;
  readonly #groups: readonly string[];

  constructor(client: RepositoryClient, source: RepositorySource, groups: readonly string[]) {
    this.#client = client;
    this.#source = source;
    this.#groups = groups;
  }

  async look(signal: AbortSignal): Promise<Target | undefined> {
    return configurationFor(this.#groups, await this.#client.refresh(signal));
  }

  async fetch(target: Target, folder: string, signal: AbortSignal): Promise<void> {
    await download({ source: this.#source, target, folder, signal });
  }
}
