import type { TrialQueueSource } from 'spikewire/extensions';

/** The queues of trials that this package brings; package.json names this module. */
export const trialQueues: readonly TrialQueueSource[] = [
  {
    name: 'database',
    open: async (address, terms, options) => (await import('./database-queue.ts')).openQueue(address, terms, options),
  },
];
