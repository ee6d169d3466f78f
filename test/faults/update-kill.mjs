// `node test/faults/update-kill.mjs [--kills 10000] [--seed 1] [--minutes 60] [--progress <file>] [--json]`: kills
// devices amid their updates, and prints what came of it. Ends with an error where a lesson is lost, a wrong base
// answers, or an update is stuck. With `--progress` it goes on from what the file says. Built before: `npm run build`.
import { runCampaign } from './campaign.mjs';

await runCampaign('update-kill.ts', ({ killAmidUpdates }) => killAmidUpdates, { count: 'kills', most: 10_000 });
