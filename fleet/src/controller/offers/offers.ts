import { SpikewireError } from '@spikewire/models';
import { type Offer, offerOf, type RepositoryClient } from 'spikewire/agent';

/** What a repository offers now. */
export interface Offered {
  readonly offers: readonly Offer[];
  /** Why the repository cannot be read; then the offers are those of before. */
  readonly problem: string | null;
}

/** Milliseconds for which it is not read again. */
const FRESH = 2000;
/** Milliseconds after which a repository that does not answer is given up. */
const WAIT = 10_000;

/** The models of a repository, read and verified as a device does it. */
export class Offers {
  readonly #client: Pick<RepositoryClient, 'refresh'> | undefined;
  #known: readonly Offer[] = [];
  #reading: Promise<Offered> | undefined;
  #readAt = Number.NEGATIVE_INFINITY;

  /** @param client undefined: the controller knows no repository */
  constructor(client: Pick<RepositoryClient, 'refresh'> | undefined) {
    this.#client = client;
  }

  /** At most two seconds old. Never rejects. */
  now(): Promise<Offered> {
    return this.#reading === undefined || performance.now() - this.#readAt > FRESH ? this.#readAgain() : this.#reading;
  }

  #readAgain(): Promise<Offered> {
    this.#readAt = performance.now();
    this.#reading = this.#read();
    return this.#reading;
  }

  /**
   * Throws `usage` where the repository is known, and does not offer this base to these machines. One that was
   * published a moment ago is found, too.
   */
  async expect({ model, channel, sha256 }: { model: string; channel: string; sha256: string }): Promise<void> {
    if (this.#client === undefined) return;
    const isIn = ({ offers }: Offered) =>
      offers.some((each) => each.model === model && each.channel === channel && each.target.sha256 === sha256);
    if (isIn(await this.now())) return;
    const offered = await this.#readAgain();
    if (offered.problem !== null)
      throw new SpikewireError('usage', 'repository', offered.problem, 'one that devices can read');
    if (!isIn(offered))
      throw new SpikewireError(
        'usage',
        `model ${model}, channel ${channel}`,
        `the repository does not offer ${sha256.slice(0, 12)}…`,
        'a base that "spikewire fleet publish" has signed',
      );
  }

  async #read(): Promise<Offered> {
    if (this.#client === undefined) return { offers: [], problem: 'the controller was started without --repository' };
    try {
      const { targets } = await this.#client.refresh(AbortSignal.timeout(WAIT));
      this.#known = [...targets.values()].flatMap((target) => offerUnlessMalformed(target) ?? []);
      return { offers: this.#known, problem: null };
    } catch (failure) {
      return { offers: this.#known, problem: (failure as Error).message };
    }
  }
}

/** A later release may describe models in another way. */
function offerUnlessMalformed(target: Offer['target']): Offer | undefined {
  try {
    return offerOf(target);
  } catch {
    return undefined;
  }
}
