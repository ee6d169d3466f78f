// `node test/fleet/load.mjs [--agents 2000] [--every 20] [--seed 1]`, with Node 24 or later, on Linux: a controller
// with SQLite as a process of its own, and devices in this one that report to it by HTTP each `--every` seconds; how
// fast it answers, what that costs, and how long a rollout takes. Built before: `npm run build`.
import { parseArgs } from 'node:util';
import { withTypeScript } from '../typescript.mjs';

const { values } = parseArgs({
  options: {
    agents: { type: 'string', default: '2000' },
    every: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
  },
});
await withTypeScript([new URL('load/load.ts', import.meta.url)], async ({ putLoad }) => {
  const [agents, every, seed] = [values.agents, values.every, values.seed].map(Number);
  const options = { agents, every, seed, saturated: { seconds: 20, atOnce: 32 }, patience: 30 * every };
  console.log(JSON.stringify(await putLoad(options, (line) => console.error(line)), undefined, 2));
});
