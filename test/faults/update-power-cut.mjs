// `node test/faults/update-power-cut.mjs [--cuts 200] [--seed 1] [--minutes 60] [--progress <file>] [--json]`: the same
// as `update-kill.mjs`, with the power of a mounted ext4 file system cut instead. As root: it mounts an image.
import { runCampaign } from './campaign.mjs';

const pick = (module) => async (options) => {
  const campaign = await module.cutPowerAmidUpdates(options);
  if (campaign === undefined) throw new Error('this user or this machine may not mount ext4, or has no xfs_io');
  return campaign;
};
await runCampaign('update-power-cut.ts', pick, { count: 'cuts', most: 200 });
