#!/usr/bin/env node
// A whole fleet's servers on this machine, for tests: see HELP. Built before: `npm run build`.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { withTypeScript } from '../test/typescript.mjs';

const HELP = `node fleet/cluster.mjs <action>: PostgreSQL 17, three NATS nodes with MQTT 3.1.1, and two controllers, for tests

  up            start all of them; each line names a part that answers
  status        list the parts
  kill <part>   end a part as a power failure would, such as nats-1, controller-2 or postgres
  start <part>  start it again, at its old address
  down          end all of them, and remove their folder

  --folder <folder>      their data and logs, with cluster.json for programs (default: spikewire-cluster in the
                         system's temporary folder)
  --json                 print one JSON document on stdout; up prints cluster.json

Only for up:
  --brokers <kind>       nats, mosquitto (only one) or none (default: nats)
  --without <part>       nats: no broker; postgres: one controller, with SQLite; may be repeated
  --repository <folder>  repository of models (default: a new one without models, with its keys in <folder>/keys)
  --root <file>          its root.json (default: <repository>/metadata/1.root.json)
  --every <seconds>      mean time between two reports of a device (default: that of the controller)
`;
const OPTIONS = {
  folder: { type: 'string', default: join(tmpdir(), 'spikewire-cluster') },
  brokers: { type: 'string' },
  without: { type: 'string', multiple: true, default: [] },
  repository: { type: 'string' },
  root: { type: 'string' },
  every: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
};
const ACTIONS = { up: 0, down: 0, status: 0, kill: 1, start: 1 };

class WrongUse extends Error {}

function wordsIn() {
  const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
  const [action, part] = positionals;
  const wanted = Object.hasOwn(ACTIONS, action ?? '') ? ACTIONS[action] : undefined;
  if (!values.help && wanted === undefined)
    throw new WrongUse(`action: is ${action ?? 'missing'}; expected ${Object.keys(ACTIONS).join(', ')}`);
  if (!values.help && positionals.length !== 1 + wanted)
    throw new WrongUse(`${action}: ${positionals.length - 1} names of parts; expected ${wanted}`);
  return { ...values, action, part };
}

function clusterOptions({ brokers, without, repository, root, every }) {
  const unknown = without.find((part) => part !== 'nats' && part !== 'postgres');
  if (unknown !== undefined) throw new WrongUse(`--without: is ${unknown}; expected nats or postgres`);
  if (!['nats', 'mosquitto', 'none', undefined].includes(brokers))
    throw new WrongUse(`--brokers: is ${brokers}; expected nats, mosquitto or none`);
  if (every !== undefined && !(Number(every) >= 1)) throw new WrongUse(`--every: is ${every}; expected seconds ≥ 1`);
  return {
    ...{ repository, root, every: every && Number(every), postgres: !without.includes('postgres') },
    brokers: brokers ?? (without.includes('nats') ? 'none' : 'nats'),
  };
}

/** Returns the JSON document of the action. */
async function run(words, { Cluster, descriptorLimit }) {
  const { action, part, json, folder } = words;
  const say = json ? () => {} : console.log;
  const cluster = new Cluster(folder, (name, what) => say(`${name}: ${what}`));
  const begun = performance.now();
  const took = () => `${((performance.now() - begun) / 1000).toFixed(1)} s`;
  switch (action) {
    case 'up': {
      const limit = await descriptorLimit();
      if (limit < 20_000) console.error(`cluster: each part may open ${limit} files; expected ulimit -n 20000`);
      const state = await cluster.up(clusterOptions(words));
      say(`controllers: ${state.controllers.map(({ address }) => address).join(' ')}`);
      if (state.brokers.length > 0) say(`brokers: ${state.brokers.join(',')}`);
      say(`database: ${state.database}`);
      say(`token of the administrator: ${state.tokenFile}`);
      say(`up after ${took()}; end it by: node fleet/cluster.mjs down --folder ${cluster.folder}`);
      return state;
    }
    case 'status': {
      const parts = await cluster.status();
      for (const { name, state, address, pid } of parts) say(`${name}: ${state}, ${address}${pid ? `, ${pid}` : ''}`);
      return { parts };
    }
    case 'down':
      await cluster.down();
      say(`down after ${took()}`);
      return {};
    default:
      await cluster[action](part);
      return {};
  }
}

try {
  const words = wordsIn();
  if (words.help) process.stdout.write(HELP);
  else {
    const modules = ['cluster/cluster.ts', 'cluster/processes.ts'];
    const urls = modules.map((path) => new URL(`../test/fleet/${path}`, import.meta.url));
    await withTypeScript(urls, async (...loaded) => {
      const document = await run(words, Object.assign({}, ...loaded));
      if (words.json) console.log(JSON.stringify(document, undefined, 2));
    });
  }
} catch (failure) {
  console.error(`cluster: ${failure.message}`);
  const isWrongUse = failure instanceof WrongUse || failure.code === 'usage' || /^ERR_PARSE/.test(failure.code);
  process.exitCode = isWrongUse ? 2 : 1;
}
