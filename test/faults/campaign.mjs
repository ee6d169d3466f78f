import { parseArgs } from 'node:util';
import { withTypeScript } from '../typescript.mjs';

/** Runs a campaign of interruptions with the options of its command, and prints what came of it. */
export async function runCampaign(file, pick, { count, most }) {
  const { values } = parseArgs({
    options: {
      [count]: { type: 'string', default: String(most) },
      seed: { type: 'string', default: '1' },
      minutes: { type: 'string', default: 'Infinity' },
      progress: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const { seed, progress, json } = values;
  const options = { interruptions: Number(values[count]), seed: Number(seed), within: 60_000 * Number(values.minutes) };
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1)); // and unmount
  const say = (line) => process.stderr.write(`${line}\n`);
  const campaign = await withTypeScript([new URL(file, import.meta.url)], (module) =>
    pick(module)({ ...options, progress, say }),
  );
  const result = { seed: options.seed, ...campaign };
  if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else for (const [name, value] of Object.entries(result)) process.stdout.write(`${name}: ${JSON.stringify(value)}\n`);
}
