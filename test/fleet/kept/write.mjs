// `node test/fleet/kept/write.mjs <checkout> <folder>`, with Node 24 or later and PostgreSQL 17: a controller of the
// release in the checkout, which was built there, leaves a database of each engine, and what it says of that as JSON.
// This is done once for a release, and the files never change. Their keys and tokens are for tests only.
import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv } from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import pg from 'pg';
import { startPostgres } from '../../postgres.ts';
import { KeptDevice } from './kept-device.ts';

const [checkout, folder] = argv.slice(2);
const COMMAND = join(checkout, 'runtime/bin/spikewire.js');
const NEW = 'e'.repeat(64);
const LATER = 'f'.repeat(64);
/** A token lives for a year at most, and these files for longer. */
const YEAR_9999 = 253_370_764_800_000;
const run = promisify(execFile);

async function startController(words) {
  const command = spawn('node', [COMMAND, 'fleet', 'serve', '--port', '0', '--json', ...words]);
  const { address, tokenFile } = await new Promise((resolve, reject) => {
    let said = '';
    command.stdout.on('data', (text) => {
      said += text;
      if (said.includes('\n')) resolve(JSON.parse(said));
    });
    command.stderr.on('data', (text) => console.error(`${text}`));
    command.on('exit', (code) => reject(new Error(`the controller ended with ${code}`)));
  });
  const token = (await readFile(tokenFile, 'utf8')).trim();
  return {
    ...{ address, token },
    close: () => new Promise((resolve) => command.on('exit', resolve).kill('SIGTERM')),
    async ask(method, path, said, by = token) {
      const response = await fetch(new URL(path, address), {
        method,
        headers: { authorization: `Bearer ${by}`, ...(said && { 'content-type': 'application/json' }) },
        ...(said && { body: JSON.stringify(said) }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
      return text === '' ? undefined : JSON.parse(text);
    },
  };
}

/** People, devices, and rollouts in all phases. */
async function makeFleet({ ask, address, token }) {
  const people = [{ name: 'administrator', role: 'administer', token }];
  for (const [name, role] of Object.entries({ Ann: 'release', Eva: 'look', Bob: 'operate' }))
    people.push({ name, role, token: (await ask('POST', '/v1/people', { name, role })).token });
  const tokenFor = async (labels, uses) => (await ask('POST', '/v1/tokens', { labels, hours: 8760, uses })).token;
  const join = async (token, name, machines) => {
    const device = KeptDevice.named(name, machines);
    await device.send(address, '/v1/join', { token, publicKey: device.publicKey, name });
    return device;
  };
  const [north, south] = [await tokenFor({ site: 'north' }, 12), await tokenFor({ site: 'south', line: '2' }, 5)];
  const devices = [];
  for (let k = 1; k <= 8; k++) devices.push(await join(north, `north ${k}`, ['pump', 'fan']));
  for (let k = 1; k <= 3; k++) devices.push(await join(south, `south ${k}`, ['belt', 'saw', 'mill']));
  const [stolen, old, spare] = [
    await join(north, 'stolen', ['pump']),
    await join(south, 'old', ['belt']),
    await join(north, 'spare', []),
  ];
  const all = [...devices, stolen, old];
  const report = () => Promise.all(all.map((device) => device.report(address)));
  await report();
  await ask('POST', `/v1/devices/${stolen.id}/revoke`);
  await ask('POST', `/v1/devices/${old.id}/retire`);
  await ask('PATCH', `/v1/devices/${devices[7].id}`, { name: 'north 8, at the gate' });
  all.length = devices.length;

  const phase = async (id, wanted) => {
    for (let k = 0; ; k++) {
      const { phase, waves } = await ask('GET', `/v1/rollouts/${id}`);
      if (`${phase} ${waves}` === wanted) return;
      if (k === 30) throw new Error(`rollout ${id} is in ${phase} ${waves}, not in ${wanted}`);
      await pause(500);
    }
  };
  const begin = async (model, labels, sha256, plan = {}) => {
    const gates = { abortMargin: 0.005, abortEvidence: 100, goMargin: 0.02, goEvidence: 20 };
    const whole = {
      ...{ carrying: 'carry', shadow: 50, shadowDays: 14, approval: false, waves: [0.25, 0.5, 1], waveHours: 0 },
      ...{ gates, mostFailed: 0.5, mostSilent: 0.2, ...plan },
    };
    const request = { name: `${model} 2`, model, channel: 'stable', sha256, labels, plan: whole };
    return (await ask('POST', '/v1/rollouts', request, people[1].token)).id;
  };
  const [NORTH, SOUTH] = [{ site: 'north' }, { site: 'south' }];
  const of = (model) => devices.filter(({ machines }) => model in machines);
  const tryOn = async (model, sha256, compared) => {
    for (const device of of(model)) device.tries(model, sha256, compared);
    await report();
  };
  /** The first devices by their places: as many as have the base then. */
  const installOn = async (model, rollout, sha256, count) => {
    const { items } = await ask('GET', `/v1/rollouts/${rollout}/machines`);
    for (const { device } of items.slice(0, count)) devices.find(({ id }) => id === device).installs(model, sha256);
    await report();
  };
  const approve = (id) => ask('POST', `/v1/rollouts/${id}/approve`, undefined, people[1].token);

  // Ended everywhere, and stopped after its first wave, which one machine has not heard yet.
  const done = await begin('belt', SOUTH, NEW);
  await tryOn('belt', NEW, 1000);
  await phase(done, 'held 0');
  await approve(done);
  for (const wave of [1, 2, 3]) {
    await phase(done, `waves ${wave}`);
    await report();
    await installOn('belt', done, NEW, wave);
  }
  await phase(done, 'done 3');
  const stopped = await begin('saw', SOUTH, NEW);
  await tryOn('saw', NEW, 1000);
  await phase(stopped, 'held 0');
  await approve(stopped);
  await report();
  await installOn('saw', stopped, NEW, 1);
  await phase(stopped, 'waves 2');

  // In its second wave of three: of four machines one has not installed the base yet.
  const open = await begin('pump', NORTH, NEW);
  await tryOn('pump', NEW, 1000);
  await phase(open, 'held 0');
  await approve(open);
  await report();
  await installOn('pump', open, NEW, 2);
  await phase(open, 'waves 2');
  await report();
  await installOn('pump', open, NEW, 3);

  // Held until somebody approves; and on trial, in a pause.
  const held = await begin('fan', NORTH, LATER, { approval: true });
  await tryOn('fan', LATER, 800);
  await phase(held, 'held 0');
  const trial = await begin('mill', SOUTH, NEW, { shadow: 77, waves: [0.5, 1], waveHours: 24 });
  await tryOn('mill', NEW, 60);
  await ask('POST', `/v1/rollouts/${trial}/pause`);
  await ask('POST', `/v1/rollouts/${stopped}/abort`);
  await pause(2500); // each open rollout was looked at since
  return {
    ...{ people, tokens: { north, south }, devices: [...devices, stolen, old, spare] },
    rollouts: { done, stopped, open, held, trial },
  };
}

/** What the release itself says of its database, without what depends on the time of the answer. */
async function described({ ask }, { people, tokens, devices, rollouts }) {
  const list = async (path) => {
    const items = [];
    for (let after = ''; after !== null; ) {
      const page = await ask('GET', `${path}?limit=100${after && `&after=${after}`}`);
      items.push(...page.items);
      after = page.next;
    }
    return items;
  };
  const details = {};
  for (const [name, id] of Object.entries(rollouts)) {
    const { expectedEnd: _, states, evidence, ...rest } = await ask('GET', `/v1/rollouts/${id}`);
    const machines = await list(`/v1/rollouts/${id}/machines`);
    const placed = machines.map(({ device, machine, state }) => [device, machine, state]);
    details[name] = { ...rest, evidence, states, placed };
  }
  const listed = [];
  for (const { id } of devices) {
    const { health, ...rest } = await ask('GET', `/v1/devices/${id}`);
    listed.push({ ...rest, ...(health === 'reporting' || health === 'new' ? {} : { health }) });
  }
  const { head } = await ask('GET', '/v1/history/check');
  const entries = (await list('/v1/history')).map(({ number, actor, action, subject }) => {
    return `${number} ${actor} ${action} ${subject}`;
  });
  return {
    ...{ people, tokens, kept: devices.map((device) => device.kept) },
    devices: listed,
    rollouts: details,
    history: { head, entries },
  };
}

async function store(engine, expected) {
  await writeFile(join(folder, `${engine}.json`), `${JSON.stringify(expected, undefined, 1)}\n`);
}

async function made(words, prolong) {
  const controller = await startController(words);
  try {
    const fleet = await makeFleet(controller);
    await prolong(`update "joinToken" set expires = ${YEAR_9999}`);
    return await described(controller, fleet);
  } finally {
    await controller.close();
  }
}

async function makeSqlite(scratch) {
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
  const own = join(scratch, 'sqlite');
  await store(
    'sqlite',
    await made(['--folder', own], async (text) => {
      const database = new DatabaseSync(join(own, 'controller.db'));
      database.exec(`pragma busy_timeout = 5000; ${text}`);
      database.close();
    }),
  );
  const backup = join(scratch, 'backup');
  await run('node', [COMMAND, 'fleet', 'backup', backup, '--folder', own]);
  await writeFile(join(folder, 'sqlite.backup.gz'), gzipSync(await readFile(backup), { level: 9 }));
}

async function makePostgres(scratch) {
  const server = await startPostgres({});
  try {
    const { address } = server;
    const words = ['--folder', join(scratch, 'postgres'), '--database', address];
    await store(
      'postgres',
      await made(words, async (text) => {
        const client = new pg.Client(address);
        await client.connect();
        await client.query(text);
        await client.end();
      }),
    );
    const options = ['--column-inserts', '--rows-per-insert=100', '--no-owner', '--no-privileges'];
    const { stdout } = await run('/usr/lib/postgresql/17/bin/pg_dump', [...options, `--dbname=${address}`]);
    // Of the commands of psql, which begin with a backslash, nothing is needed.
    const lines = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('--') && !line.startsWith('\\'));
    await writeFile(join(folder, 'postgres.sql'), `${lines.join('\n')}\n`);
  } finally {
    await server.close();
  }
}

await mkdir(folder, { recursive: true });
const scratch = await mkdtemp(join(tmpdir(), 'spikewire-fixture-'));
await makeSqlite(scratch);
await makePostgres(scratch);
await rm(scratch, { recursive: true });
