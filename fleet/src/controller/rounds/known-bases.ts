import { type BaseReadout, readoutOf } from 'spikewire/agent';
import { readNetModel } from 'spikewire/session';
import type { Database } from '../database/database.ts';

/** What parts of a round are checked by. */
export interface KnownBase {
  /** SHA-256 of its file. */
  readonly base: string;
  readonly fewest: number;
  readonly readout: BaseReadout;
}

/** The read-outs are kept of so many. */
const MOST_KNOWN = 8;

/** The bases of rounds that have not ended, read once for many parts. */
export class KnownBases {
  readonly #database: Database;
  readonly #known = new Map<string, KnownBase>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Undefined where there is no round of this id. */
  async ofRound(id: string): Promise<KnownBase | undefined> {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const round = await this.#database.queries
      .selectFrom('round')
      .select(['base', 'fewest', 'file', 'ended'])
      .where('id', '=', id)
      .executeTakeFirst();
    if (round === undefined || round.ended !== null) return undefined;
    const { base, fewest, file } = round;
    const read = { base, fewest, readout: readoutOf(readNetModel(new Uint8Array(file), Number.POSITIVE_INFINITY)) };
    const [oldest] = this.#known.keys();
    if (this.#known.size >= MOST_KNOWN) this.#known.delete(oldest!);
    this.#known.set(id, read);
    return read;
  }
}
