import { SpikewireError } from '@spikewire/models';

/** What was asked for is not in the database. */
export class UnknownItemError extends SpikewireError {
  constructor(kind: string, id: string) {
    super('usage', `${kind} ${JSON.stringify(id.slice(0, 64))}`, 'is unknown', `the id of a ${kind}`);
  }
}
