import type { DeviceReport } from 'spikewire/agent';
import type { Database } from '../database/database.ts';
import { type JoinToken, listTokens, makeToken, type TokenRequest, withdrawToken } from './join-tokens.ts';
import { type JoinRequest, joinDevice } from './joining.ts';
import { type DeviceRequest, reportOf, type TaggedOrders } from './taking-report.ts';

/** The devices of a fleet: how they become members, what they report, and what they are told. */
export class Registry {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** A token for devices to join by, which nobody can read again. */
  async makeToken(request: TokenRequest): Promise<{ readonly token: string; readonly expires: number }> {
    return makeToken(this.#database, request);
  }

  /** Tokens that can still be used, at most 1000. */
  tokens(): Promise<JoinToken[]> {
    return listTokens(this.#database);
  }

  withdrawToken(id: string, by: string): Promise<void> {
    return withdrawToken(this.#database, id, by);
  }

  /** Makes a device a member. Rejects with a `DeviceRefusal`, or with `input` where the request is malformed. */
  async join(request: JoinRequest): Promise<{ readonly device: string }> {
    return joinDevice(this.#database, request);
  }

  /**
   * Checks who sends a report, stores it, and returns the orders; undefined where the device has them, by its `etag`.
   * Rejects with a `DeviceRefusal`, or with `input` where the report is malformed.
   */
  report(request: DeviceRequest, report: DeviceReport, etag?: string): Promise<TaggedOrders | undefined> {
    return reportOf(this.#database, request, report, etag);
  }
}
