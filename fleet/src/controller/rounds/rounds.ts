import { SpikewireError } from '@spikewire/models';
import type { SharedBase, WantedParts } from 'spikewire/agent';
import type { Changes, Database } from '../database/database.ts';
import type { Page, PageWish } from '../database/page.ts';
import { inTransaction } from '../database/transaction.ts';
import { UnknownItemError } from '../database/unknown-item.ts';
import type { DeviceRequest } from '../devices/taking-report.ts';
import { note } from '../history/history.ts';
import type { Offers } from '../offers/offers.ts';
import { beginRound, type RoundRequest } from './beginning.ts';
import { KnownBases } from './known-bases.ts';
import { storePart, wantedParts } from './parts.ts';
import { listRounds, type RoundDetails, type RoundSummary, roundDetails } from './round-lists.ts';

/** Mean time after which devices ask again whether a round wants something of them, in seconds. */
const ASK_SECONDS = 600;

/**
 * Rounds in which devices learn from each other. What a person does is noted in the history, and rejects with `usage`
 * where it cannot be done.
 */
export class Rounds {
  readonly #database: Database;
  readonly #offers: Pick<Offers, 'read'>;
  readonly #every: number;
  readonly #bases: KnownBases;

  /**
   * @param offers from which bases are read
   * @param every mean time between two reports of a device, in seconds: devices ask for rounds no more often
   */
  constructor(database: Database, offers: Pick<Offers, 'read'>, every = ASK_SECONDS) {
    [this.#database, this.#offers, this.#every] = [database, offers, Math.min(ASK_SECONDS, every)];
    this.#bases = new KnownBases(database);
  }

  /** Returns the id of the new round. */
  async begin(request: RoundRequest, by: string): Promise<string> {
    const { base: sha256, model, channel } = request;
    return beginRound(this.#database, request, await this.#offers.read({ model, channel, sha256 }), by);
  }

  /** The newest first. */
  list(wish: PageWish): Promise<Page<RoundSummary>> {
    return listRounds(this.#database, wish);
  }

  get(id: string): Promise<RoundDetails | undefined> {
    return roundDetails(this.#database, id);
  }

  /** Lets a round take no more parts: it gets a result if enough have come. */
  close(id: string, by: string): Promise<void> {
    return inTransaction(this.#database, async (changes) => {
      const { now } = this.#database;
      await expectRound(changes, id);
      const { numUpdatedRows } = await changes
        .updateTable('round')
        .set({ deadline: now() })
        .where('id', '=', id)
        .where('phase', '=', 'open')
        .executeTakeFirst();
      if (numUpdatedRows === 0n) throw new SpikewireError('usage', `round ${id}`, 'is not open', 'an open round');
      await note(changes, now, { actor: by, action: 'close-round', subject: id });
    });
  }

  /** The model file of a round; the history says who took it. */
  takeResult(id: string, by: string): Promise<Uint8Array> {
    return inTransaction(this.#database, async (changes) => {
      await expectRound(changes, id);
      const { result, resultSha256 } = await changes
        .selectFrom('round')
        .select(['result', 'resultSha256'])
        .where('id', '=', id)
        .executeTakeFirstOrThrow();
      if (result === null) throw new SpikewireError('usage', `round ${id}`, 'has no result', 'a round that is done');
      const details = { sha256: resultSha256 };
      await note(changes, this.#database.now, { actor: by, action: 'fetch-round', subject: id, details });
      return result;
    });
  }

  /** What open rounds want of a device. */
  wanted(request: DeviceRequest, read: () => readonly SharedBase[]): Promise<WantedParts> {
    return wantedParts(this.#database, this.#every, request, read);
  }

  /** Checks who sends a part and what it is, and keeps it. */
  storePart(request: DeviceRequest, permit: (device: string) => void): Promise<void> {
    return storePart(this.#database, this.#bases, request, permit);
  }
}

async function expectRound(changes: Changes, id: string): Promise<void> {
  const round = await changes.selectFrom('round').select('id').where('id', '=', id).executeTakeFirst();
  if (round === undefined) throw new UnknownItemError('round', id);
}
