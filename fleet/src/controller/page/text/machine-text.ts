import type { MachineOrder } from 'spikewire/agent';
import type { MachineDetails, MachineState } from '../../wire/wire.ts';

const UPDATE_WORDS: Readonly<Record<MachineDetails['state'], string>> = {
  idle: 'runs its base; no update is going on',
  check: 'compares what its repository offers with its base',
  download: 'fetches a new base',
  verify: 'tests a new base before it runs it',
  shadow: 'tries a new base beside the present one; the present one answers',
  install: 'changes to a new base',
  probation: 'a new base answers; the former one runs beside it',
  commit: 'ends the watch over its new base',
  rollback: 'returns to the former base',
  unknown: 'does something that only a later release of the controller knows',
};

/** What the update of a machine does. */
export const updateText = (state: MachineDetails['state']): string => UPDATE_WORDS[state];

/** What the controller tells a machine. */
export function orderText(order: MachineOrder | null): string {
  if (order === null) return 'no order: the device is no member of the fleet any more';
  switch (order.kind) {
    case 'keep':
      return 'keep its base';
    case 'wait':
      return 'wait, and do not look for another base';
    case 'try':
      return `try base ${shortHash(order.sha256)} beside the present one`;
    case 'install':
      return `let base ${shortHash(order.sha256)} answer${order.watch ? ', and run the former one beside it' : ''}`;
    case 'leave':
      return `stop base ${shortHash(order.sha256)}, or return from it to the former one`;
  }
}

/** How what was learned came to a base. */
export const CARRYING_WORDS = {
  carry: 'carry: what was learned continues',
  rebase: 'rebase: the learned difference is added to the new base',
  reset: 'reset: the new base without what was learned',
} as const;

/** The first digits of a SHA-256, enough to tell files apart. */
export const shortHash = (sha256: string): string => sha256.slice(0, 12);

export const MACHINE_STATES: readonly MachineState[] = [
  ...(['installed', 'trying', 'waiting', 'silent', 'pinned', 'unoffered', 'failed', 'left', 'gone'] as const),
];

/** In a rollout: a word, and what it means. */
export const MACHINE_WORDS: Readonly<Record<MachineState, readonly [word: string, about: string]>> = {
  installed: ['Installed', 'the new base answers'],
  trying: ['Trying', 'the new base runs beside the present one and does not answer'],
  waiting: ['Waiting', 'its turn has not come, or it has not begun yet'],
  silent: ['Silent', 'was asked, and has not reported for too long'],
  pinned: ['Pinned', 'a person at the device has forbidden updates; not counted as failed'],
  unoffered: ['Not offered', 'its repository does not offer the new base to it; not counted as failed'],
  failed: ['Failed', 'refused the new base, or went back from it by itself'],
  left: ['Left', 'the rollout was stopped; it runs its former base again'],
  gone: ['Gone', 'its device is no member any more, or has another model for the machine'],
};
