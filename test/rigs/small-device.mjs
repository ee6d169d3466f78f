// `node test/rigs/small-device.mjs [--megabytes 64] [--threads 1] [--flags '…'] [--rate 20] [--probation 1000] [--seed
// 1] [--json]`: lets a device with so much memory update itself, and prints what it took. As root: it makes a control
// group. Built before: `npm run build`.
import { parseArgs } from 'node:util';
import { withTypeScript } from '../typescript.mjs';

const { values } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '64' },
    threads: { type: 'string', default: '1' },
    flags: { type: 'string' },
    rate: { type: 'string', default: '20' },
    trial: { type: 'string', default: '100' },
    probation: { type: 'string', default: '1000' },
    patience: { type: 'string', default: '600' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1)); // and leave nothing behind
const { json, flags, ...rest } = values;
const options = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, Number(value)]));
const done = await withTypeScript([new URL('small-device.ts', import.meta.url)], ({ updateSmallDevice }) =>
  updateSmallDevice({ ...options, flags }),
);
if (done === undefined) throw new Error('this machine has no mosquitto, or lets this user make no control groups');
const result = { ...options, ...done };
if (json) console.log(JSON.stringify(result));
else for (const [name, value] of Object.entries(result)) console.log(`${name}: ${JSON.stringify(value)}`);
