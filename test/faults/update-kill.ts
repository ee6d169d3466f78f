import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Campaign, type CampaignOptions, interruptUpdates } from './interrupted-updates.ts';

/** Kills devices amid their updates, as {@link interruptUpdates} says. */
export async function killAmidUpdates(options: CampaignOptions): Promise<Campaign> {
  const folder = await mkdtemp(join(tmpdir(), 'spikewire-update-kill-'));
  let last: string | undefined;
  try {
    return await interruptUpdates(
      {
        isKill: true,
        async newFolder(device) {
          if (last !== undefined) await rm(last, { recursive: true });
          last = join(folder, `device-${device}`);
          await mkdir(last);
          return last;
        },
        async interrupt({ child, hasEnded }) {
          child.kill('SIGKILL');
          await hasEnded;
        },
      },
      options,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
