import { SpikewireError } from '@spikewire/models';

/** Why the request of a device is refused. */
export type RefusalReason =
  /** The token to join with is unknown, has expired or was used. */
  | { readonly kind: 'token' }
  /** No device has this id, or its key has not signed the request. */
  | { readonly kind: 'unknown' }
  /** The request came before, or after a later one, or skips too many. `counter`: of the device's last request. */
  | { readonly kind: 'counter'; readonly counter: number }
  /** This device was retired or revoked. */
  | { readonly kind: 'left'; readonly device: string }
  /** The controller keeps as many bytes of backups as it may. */
  | { readonly kind: 'space' };

const PROBLEMS: Readonly<Record<RefusalReason['kind'], readonly [problem: string, expected: string]>> = {
  token: ['cannot be used', 'a token of this controller that has not expired and was not used up'],
  unknown: ['is unknown, or has not signed the request', 'a device that has joined, and its signature'],
  counter: ['sends a counter that is not above its last one, or far above it', 'a counter just above its last one'],
  space: ['does not fit into the space for backups', 'a larger --backup-space of "spikewire fleet serve"'],
  left: ['is no longer a member', 'a device that was neither retired nor revoked'],
};

/** The refusal of a device's request, which the device has to tell from others. */
export class DeviceRefusal extends SpikewireError {
  readonly reason: RefusalReason;

  constructor(where: string, reason: RefusalReason) {
    super('access', where, ...PROBLEMS[reason.kind]);
    this.reason = reason;
  }
}
