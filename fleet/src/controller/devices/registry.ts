import type { Database } from '../database/database.ts';
import type { Page, PageWish } from '../database/page.ts';
import type { Labels } from '../labels/labels.ts';
import { REPORT_SECONDS } from '../reports/interval.ts';
import type { ReadReport } from '../reports/read-report.ts';
import { dismissDevice, relabelDevice, renameDevice, replaceDevice } from './device-acts.ts';
import { BACKUP_SPACE, deleteBackups, expectMember, storeBackup, takeBackup } from './device-backups.ts';
import { type DeviceDetails, deviceDetails } from './device-details.ts';
import { countMachines, type DeviceGroup, listGroups, listLabelKeys } from './device-groups.ts';
import { countDevices, type DeviceListWish, type DeviceSummary, listDevices } from './device-list.ts';
import type { Health } from './health.ts';
import { type JoinToken, listTokens, makeToken, type TokenRequest, withdrawToken } from './join-tokens.ts';
import { type JoinRequest, joinDevice } from './joining.ts';
import { type DeviceRequest, reportBatches, type TaggedOrders, taggedUnlessKnown } from './taking-report.ts';

/**
 * The devices of a fleet: how they become members, what they report, and what they are told. What a person does is
 * noted in the history with who did it, and rejects with `usage` where it cannot be done.
 */
export class Registry {
  readonly #database: Database;
  readonly #every: number;
  readonly #reports: ReturnType<typeof reportBatches>;
  readonly #backupSpace: number;

  /**
   * @param every mean time between two reports of a device, in seconds
   * @param backupSpace bytes that the backups of all devices may take
   */
  constructor(database: Database, every = REPORT_SECONDS, backupSpace = BACKUP_SPACE) {
    [this.#database, this.#every, this.#backupSpace] = [database, every, backupSpace];
    this.#reports = reportBatches(database);
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
   * Checks who sends a report, reads and stores it, and returns the orders; undefined where the device has them, by its
   * `etag`. Rejects with a `DeviceRefusal`, with what `read` throws, or with `input` where a name is malformed.
   */
  async report(request: DeviceRequest, read: () => ReadReport, etag?: string): Promise<TaggedOrders | undefined> {
    const machines = await this.#reports.add({ request, read });
    return taggedUnlessKnown({ machines, every: this.#every }, etag);
  }

  /** Rejects with a `DeviceRefusal` where no member has this id. */
  expectMember(device: string): Promise<void> {
    return expectMember(this.#database, device);
  }

  /** Checks who sends a backup, and keeps it beside the one before. Rejects with a `DeviceRefusal`. */
  storeBackup(request: DeviceRequest, permit: (device: string) => void): Promise<void> {
    return storeBackup(this.#database, this.#backupSpace, request, permit);
  }

  /** The newest backup of a device, or the one with this number, as its device has encrypted it. */
  takeBackup(device: string, number: number | undefined, by: string): Promise<Uint8Array> {
    return takeBackup(this.#database, device, number, by);
  }

  /** Deletes all backups of a device. */
  deleteBackups(device: string, by: string): Promise<void> {
    return deleteBackups(this.#database, device, by);
  }

  /** The devices by their names. */
  list(wish: DeviceListWish): Promise<Page<DeviceSummary>> {
    return listDevices(this.#database, wish);
  }

  /** How many devices there are of each health. */
  counts(): Promise<Record<Health, number>> {
    return countDevices(this.#database);
  }

  /** Undefined where there is no device of this id. */
  device(id: string): Promise<DeviceDetails | undefined> {
    return deviceDetails(this.#database, id);
  }

  /** Members by the value of a label; after the last value, the members without it. */
  groups(key: string, wish: PageWish): Promise<Page<DeviceGroup>> {
    return listGroups(this.#database, key, wish);
  }

  /** The keys of the labels that members have. */
  labelKeys(wish: PageWish): Promise<Page<{ readonly key: string; readonly devices: number }>> {
    return listLabelKeys(this.#database, wish);
  }

  /** How many machines there are for a model, and on how many of them the base answers. */
  machinesFor(base: {
    readonly model: string;
    readonly channel: string;
    readonly sha256: string;
  }): Promise<{ readonly machines: number; readonly installed: number }> {
    return countMachines(this.#database, base);
  }

  async rename(id: string, name: string, by: string): Promise<void> {
    return renameDevice(this.#database, id, name, by);
  }

  /** Gives a device these labels and no others. Open rollouts for its new group take it in with its next report. */
  async relabel(id: string, labels: Labels, by: string): Promise<void> {
    return relabelDevice(this.#database, id, labels, by);
  }

  /** Takes a device out of use. It cannot come back with its key. */
  retire(id: string, by: string): Promise<void> {
    return dismissDevice(this.#database, id, by, 'retire');
  }

  /** Takes out a device whose key may be in other hands, also where it is retired. */
  revoke(id: string, by: string): Promise<void> {
    return dismissDevice(this.#database, id, by, 'revoke');
  }

  /** Gives a device, which has joined, the name and the labels of `old`, which is retired unless it was dismissed. */
  async replace(old: string, id: string, by: string): Promise<void> {
    return replaceDevice(this.#database, old, id, by);
  }
}
