// `node test/faults/update-kill.mjs [--kills 10000] [--seed 1] [--minutes 60]`: kills devices amid their updates, and
// prints what came of it. Ends with an error where a lesson is lost, a wrong base answers, or an update is stuck. Built
// before: `npm run build`.
import { parseArgs } from 'node:util';
import { withTypeScript } from '../typescript.mjs';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string', default: 'Infinity' },
  },
});
const options = { kills: Number(values.kills), seed: Number(values.seed), within: 60_000 * Number(values.minutes) };
const say = (line) => process.stderr.write(`${line}\n`);
const campaign = await withTypeScript([new URL('update-kill.ts', import.meta.url)], ({ killAmidUpdates }) =>
  killAmidUpdates({ ...options, say }),
);
process.stdout.write(`${JSON.stringify({ ...options, ...campaign }, undefined, 2)}\n`);
