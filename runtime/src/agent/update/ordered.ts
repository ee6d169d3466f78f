import { SpikewireError } from '@spikewire/models';
import type { MachineOrder } from '../fleet/orders.ts';
import type { Carrying, Offer } from '../repository/offer.ts';
import type { JournalEntry } from './journal.ts';

/** Why a base was refused or left that the controller wants no more. */
export const STOPPED = 'the controller stopped it';

/** Whether a machine is to look for a model. Without an order it decides by itself. */
export function isToLook(order: MachineOrder | undefined, { current }: Pick<JournalEntry, 'current'>): boolean {
  switch (order?.kind) {
    case undefined:
      return true;
    case 'keep':
      return current === null;
    case 'wait':
    case 'leave':
      return false;
    case 'try': // beside the present one
      return current !== null && current.sha256 !== order.sha256;
    case 'install':
      return current?.sha256 !== order.sha256;
  }
}

/** Whether it is to fetch, try or install this base. */
export function isWanted(
  order: MachineOrder | undefined,
  entry: Pick<JournalEntry, 'current'>,
  sha256: string,
): boolean {
  return isToLook(order, entry) && (order === undefined || order.kind === 'keep' || isAbout(order, sha256));
}

export function isAbout(order: MachineOrder, sha256: string): boolean {
  return 'sha256' in order && order.sha256 === sha256;
}

/** What becomes of the probation of a base; undefined: it decides by its own rules. */
export function probationUnder(
  order: MachineOrder | undefined,
  sha256: string,
): 'commit' | 'watch' | 'leave' | undefined {
  if (order === undefined) return undefined;
  if (!isAbout(order, sha256)) return 'commit';
  if (order.kind === 'leave') return 'leave';
  return order.kind === 'install' && !order.watch ? 'commit' : 'watch';
}

/** The ways to try: the one that is ordered, or else, where it is impossible, the one that keeps most. */
export function waysUnder(order: MachineOrder | undefined, possible: readonly Carrying[]): readonly Carrying[] {
  if (order === undefined || !('carrying' in order)) return possible;
  return possible.includes(order.carrying) ? [order.carrying] : possible.slice(0, 1);
}

/** SHA-256 of the base that is ordered, where the repository offers another one, or none; else undefined. */
export function unofferedOf(order: MachineOrder | undefined, offer: Offer | undefined): string | undefined {
  return order !== undefined && 'sha256' in order && order.sha256 !== offer?.target.sha256 ? order.sha256 : undefined;
}

/** Throws `link` where the repository offers another model than the one that is ordered. */
export function expectOrdered(order: MachineOrder | undefined, offer: Offer | undefined): void {
  const sha256 = unofferedOf(order, offer);
  if (sha256 === undefined) return;
  const offered = offer === undefined ? 'nothing' : `${offer.target.name} (file ${shown(offer.target.sha256)})`;
  const problem = `offers ${offered} to this device, and not the file that the controller has ordered`;
  throw new SpikewireError('link', 'repository', problem, shown(sha256));
}

function shown(sha256: string): string {
  return sha256.slice(0, 8);
}
