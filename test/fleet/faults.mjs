// `node test/fleet/faults.mjs [--runs 500] [--seed 1] [--postgres] [--trace]`, with Node 24 or later: small
// fleets whose controllers, devices and network fail, and what a judge finds in the histories. Exits with 1 where a
// rule was violated. `--postgres` starts a server of its own. Built before: `npm run build`.
import { parseArgs } from 'node:util';
import { withTypeScript } from '../typescript.mjs';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
    postgres: { type: 'boolean', default: false },
    trace: { type: 'boolean', default: false },
  },
});
const modules = ['faults/many-faulty-runs.ts', '../postgres.ts'].map((path) => new URL(path, import.meta.url));
await withTypeScript(modules, async ({ judgedRun, Tally, traceOf }, { startPostgres }) => {
  const server = values.postgres ? await startPostgres({}) : undefined;
  const tally = new Tally();
  try {
    for (let seed = Number(values.seed); seed < Number(values.seed) + Number(values.runs); seed++) {
      const run = await judgedRun(seed, server);
      tally.add(run);
      if (values.trace) for (const [k, moment] of run.history.moments.entries()) console.log(traceOf(moment, k));
      for (const { moment, rule, what } of run.violations)
        console.log(`seed ${seed}, moment ${moment}, ${rule}: ${what}`);
      if (seed % 10 === 0)
        console.error(`seed ${seed}: ${tally.counts.violations} violations in ${tally.counts.runs} runs`);
    }
  } finally {
    await server?.close();
  }
  console.log(JSON.stringify(tally.counts, undefined, 2));
  if (tally.counts.violations > 0) process.exitCode = 1;
});
