import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CuttableDisk } from './cuttable-disk.ts';
import { type Campaign, type CampaignOptions, interruptUpdates } from './interrupted-updates.ts';

/**
 * Cuts the power of devices amid their updates, as {@link interruptUpdates} says, on a real file system. Undefined
 * where this user or this machine may not mount one.
 */
export async function cutPowerAmidUpdates(options: CampaignOptions): Promise<Campaign | undefined> {
  const disk = await CuttableDisk.mount();
  if (disk === undefined) return undefined;
  let last: string | undefined;
  try {
    return await interruptUpdates(
      {
        isKill: false,
        async newFolder(device) {
          if (last !== undefined) await rm(last, { recursive: true });
          last = join(disk.path, `device-${device}`);
          await mkdir(last);
          return last;
        },
        async interrupt({ child, hasEnded }) {
          await disk.cutPower();
          child.kill('SIGKILL');
          await hasEnded;
          await disk.restart();
        },
      },
      options,
    );
  } finally {
    await disk.close();
  }
}
