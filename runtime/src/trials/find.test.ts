import { afterEach, beforeEach, expect, it } from 'vitest';
import { bringing, Installation } from '../extensions/installation.test-data.ts';
import { findTrialQueue } from './find.ts';

let made: Installation;
beforeEach(() => {
  made = new Installation();
});
afterEach(() => made.remove());

const find = () => findTrialQueue('spikewire train --database', 'database', made.places);

it('says in one line what to install where no package keeps the trials of a sweep', async () => {
  await expect(find()).rejects.toThrow(
    /^spikewire train --database: needs a package that is not installed; expected @spikewire\/fleet: .*pack:trainer/,
  );
});

it('finds the queue of a package that is installed', async () => {
  const queue = '[{ name: "database", open: async (address) => ({ address }) }]';
  made.install(made.project, { keeper: bringing('trials', 'trialQueues', queue) });
  const opened = (await find()).open('trials.db', {} as never, {} as never);
  expect(await opened).toEqual({ address: 'trials.db' });
});
