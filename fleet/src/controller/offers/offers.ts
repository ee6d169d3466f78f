import { createHash } from 'node:crypto';
import { SpikewireError } from '@spikewire/models';
import { type Offer, offerOf, pathOfTarget, type RepositoryClient, type RepositorySource } from 'spikewire/agent';

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
/** Of a file that the controller reads itself, in bytes. */
const LARGEST_READ = 2 ** 26;

/** Which base is meant. */
interface NamedBase {
  readonly model: string;
  readonly channel: string;
  readonly sha256: string;
}

/** The models of a repository, read and verified as a device does it. */
export class Offers {
  readonly #client: Pick<RepositoryClient, 'refresh'> | undefined;
  readonly #source: Pick<RepositorySource, 'read'> | undefined;
  #known: readonly Offer[] = [];
  #reading: Promise<Offered> | undefined;
  #readAt = Number.NEGATIVE_INFINITY;

  /**
   * @param client undefined: the controller knows no repository
   * @param source of its files
   */
  constructor(client: Pick<RepositoryClient, 'refresh'> | undefined, source?: Pick<RepositorySource, 'read'>) {
    [this.#client, this.#source] = [client, source];
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
  async expect({ model, channel, sha256 }: NamedBase): Promise<void> {
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

  /** The file of a base that is offered, as it was signed. Rejects with `usage` where there is none. */
  async read(base: NamedBase): Promise<Uint8Array> {
    await this.expect(base);
    const { offers, problem } = await this.now();
    const offer = offers.find(({ target }) => target.sha256 === base.sha256);
    if (offer === undefined || this.#source === undefined)
      throw new SpikewireError('usage', 'repository', problem ?? 'cannot be read', 'one that offers the base');
    const { target } = offer;
    if (target.length > LARGEST_READ)
      throw new SpikewireError('usage', target.name, `has ${target.length} bytes`, `at most ${LARGEST_READ}`);
    const bytes = await this.#source
      .read(pathOfTarget(target), target.length, AbortSignal.timeout(WAIT))
      .catch(({ message }: Error) => {
        throw new SpikewireError('usage', 'repository', message, 'one that devices can read');
      });
    if (bytes === undefined || createHash('sha256').update(bytes).digest('hex') !== base.sha256)
      throw new SpikewireError('usage', target.name, 'is missing in the repository, or damaged', 'the signed file');
    return bytes;
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
