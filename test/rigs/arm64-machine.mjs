// `node test/rigs/arm64-machine.mjs --files <folder> [--megabytes 128] [--threads 0] [--rate 5] [--probation 200]
// [--patience 1800] [--seed 1] [--json]`: lets an emulated arm64 machine with so much memory update itself, and prints
// what it took. `arm64/prepare.sh <folder>` fetches what it consists of. Built before: `npm run build`.
import { parseArgs } from 'node:util';
import { withTypeScript } from '../typescript.mjs';

const { values } = parseArgs({
  options: {
    files: { type: 'string' },
    megabytes: { type: 'string', default: '128' },
    threads: { type: 'string', default: '0' },
    rate: { type: 'string', default: '5' },
    before: { type: 'string', default: '50' },
    trial: { type: 'string', default: '100' },
    probation: { type: 'string', default: '200' },
    patience: { type: 'string', default: '1800' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1)); // and leave nothing that runs
const { json, files, ...rest } = values;
const options = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, Number(value)]));
const done = await withTypeScript([new URL('arm64-machine.ts', import.meta.url)], ({ updateArm64Machine }) =>
  updateArm64Machine({ ...options, files, say: (line) => process.stderr.write(`${line}\n`) }),
);
const result = { ...options, ...done };
if (json) console.log(JSON.stringify(result));
else for (const [name, value] of Object.entries(result)) console.log(`${name}: ${JSON.stringify(value)}`);
