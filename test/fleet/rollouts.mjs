// `node test/fleet/rollouts.mjs [--rollouts 1000] [--seed 1] [--json]`, with Node 24 or later: rollouts of bases that
// are as good, worse and better, over virtual devices, and prints how they ended. Built before: `npm run build`.
import { parseArgs } from 'node:util';
import { withTypeScript } from '../typescript.mjs';

const { values } = parseArgs({
  options: {
    rollouts: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
await withTypeScript([new URL('many-rollouts.ts', import.meta.url)], async ({ rollOutMany, tableOf }) => {
  const cells = await rollOutMany(Number(values.rollouts), Number(values.seed), (line) => console.error(line));
  console.log(values.json ? JSON.stringify(cells) : tableOf(cells));
});
