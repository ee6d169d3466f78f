import { describe, expect, it } from 'vitest';
import { lacks } from '../services.ts';
import { cutPowerAmidUpdates } from './update-power-cut.ts';

const NEEDED = 'mount of ext4 and xfs_io, which this user or this machine does not have';
const SEED = 20261201;

describe('a device whose power is cut again and again amid its updates', () => {
  it('starts, loses nothing that it acknowledged, and ends them', { timeout: 600_000 }, async (context) => {
    const campaign = await cutPowerAmidUpdates({ interruptions: 10, seed: SEED });
    if (campaign === undefined) return lacks(context, 'mount', NEEDED);
    expect(campaign.interruptions).toBe(10);
    expect(Object.keys(campaign.interruptedIn).length).toBeGreaterThan(3);
  });

  it('shows where it syncs nothing', { timeout: 600_000 }, async (context) => {
    const campaign = cutPowerAmidUpdates({ interruptions: 100, seed: SEED, withoutSync: true });
    const isLost = expect(campaign.then((done) => done ?? lacks(context, 'mount', NEEDED))).rejects;
    await isLost.toThrow(/were acknowledged on it|the journal says|is forgotten|ended by itself/);
  });
});
