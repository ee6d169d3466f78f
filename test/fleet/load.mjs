// `node --expose-gc test/fleet/load.mjs`, with Node 24 or later, on Linux: controllers, their database and brokers as
// processes of their own, and devices in this one that report each `--every` seconds, by HTTP, and get hints, by MQTT;
// how fast they are answered, what that costs, how long a rollout takes, and whether an order is lost or doubled.
// `--brokers nats --postgres --kill nats-1,controller-1` is the cluster of `node fleet/cluster.mjs up`, of which these
// parts get SIGKILL amid the rollout. Built before: `npm run build`.
import { parseArgs } from 'node:util';
import { withTypeScript } from '../typescript.mjs';

const { values } = parseArgs({
  options: {
    agents: { type: 'string', default: '2000' },
    every: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    brokers: { type: 'string', default: 'none' },
    window: { type: 'string', default: '10' },
    postgres: { type: 'boolean', default: false },
    kill: { type: 'string', default: '' },
  },
});
await withTypeScript([new URL('load/load.ts', import.meta.url)], async ({ putLoad }) => {
  const [agents, every, seed, window] = [values.agents, values.every, values.seed, values.window].map(Number);
  const options = {
    ...{ agents, every, seed, brokers: { kind: values.brokers, window }, postgres: values.postgres },
    kill: values.kill.split(',').filter((part) => part !== ''),
    ...{ saturated: { seconds: 20, atOnce: 32 }, patience: 30 * every },
  };
  console.log(JSON.stringify(await putLoad(options, (line) => console.error(line)), undefined, 2));
});
