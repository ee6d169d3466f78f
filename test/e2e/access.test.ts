import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nextReadingModel, RandomGenerator, writeModel } from '@spikewire/models';
import { MqttLink, type MqttLinkOptions } from 'spikewire/mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { needs } from '../services.ts';
import { startAedes } from './aedes.ts';
import { killAll, type RunningCommand, runCommand, startCommand, until } from './command.ts';
import { startMosquitto } from './mosquitto.ts';
import type { TestBroker } from './test-broker.ts';

const MESSAGES = new URL('../../docs/messages.md', import.meta.url);
const ROOMS = ['--in', 'house/+/air', '--out', 'house/+/air/state'];
const SECRET = 'a word that nobody guesses';

const random = new RandomGenerator(2, 'test');
let folder: string;
let broker: TestBroker | undefined;
let commands: RunningCommand[];
let links: MqttLink[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-access-'));
  const model = nextReadingModel({
    channels: [{ name: 'level', unit: 'm' }],
    neurons: 20,
    rangeWarmUp: 10,
    monitor: { warmUp: 10 },
  });
  await writeFile(join(folder, 'level.spike'), writeModel(model));
  commands = [];
  links = [];
});

afterEach(async () => {
  await Promise.all(links.map((link) => link.close()));
  await killAll(commands);
  await broker?.close();
  broker = undefined;
  await rm(folder, { recursive: true, force: true });
});

async function connect(username: string, more: Partial<MqttLinkOptions> = {}): Promise<MqttLink> {
  const link = await MqttLink.connect(broker!.url, {
    clientId: username,
    username,
    password: `password of ${username}`,
    random: () => random.nextUniform(),
    ...more,
  });
  links.push(link);
  return link;
}

async function pageOf(run: RunningCommand): Promise<URL> {
  await run.says(/page: \S+\s/);
  return new URL(/page: (\S+)/.exec(`${run.stdout()}${run.stderr()}`)![1]!);
}

interface Heard {
  readonly topic: string;
  readonly document: Record<string, unknown>;
}

/** What comes by a filter, as it comes. */
async function hear(link: MqttLink, filter: string): Promise<Heard[]> {
  const heard: Heard[] = [];
  await link.subscribe(filter, ({ topic, payload }) => {
    const text = Buffer.from(payload).toString();
    heard.push({ topic, document: text.startsWith('{') ? JSON.parse(text) : { text } });
  });
  return heard;
}

async function startRun(words: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<RunningCommand> {
  const all = ['run', 'level.spike', '--mqtt', broker!.url, '--learn', ...words];
  const command = startCommand(all, folder, environment);
  commands.push(command);
  await command.says(/running level\.spike.*\(MQTT/);
  return command;
}

/** The code block of the documentation that begins with a line. */
async function documented(firstLine: string): Promise<string> {
  const block = new RegExp(`^\`\`\`\n(${firstLine}[^\`]*)\`\`\`$`, 'm').exec(await readFile(MESSAGES, 'utf8'));
  return block![1]!;
}

/** A line of mosquitto's password file (mosquitto_passwd, PBKDF2 with SHA-512). */
function passwordLine(user: string): string {
  const [salt, iterations] = [randomBytes(12), 101];
  const hash = pbkdf2Sync(`password of ${user}`, salt, iterations, 64, 'sha512');
  return `${user}:$7$${iterations}$${salt.toString('base64')}$${hash.toString('base64')}`;
}

describe('the access list of the documentation, in mosquitto', () => {
  it('lets the stream work, a sensor say its own readings and nothing else, and a person steer', async (context) => {
    needs(context, 'mosquitto');
    const [acl, passwords] = [join(folder, 'acl'), join(folder, 'passwords')];
    await writeFile(acl, await documented('# acl: '), { mode: 0o600 });
    const users = ['spikewire', 'kitchen', 'operator', 'stranger'];
    await writeFile(passwords, `${users.map(passwordLine).join('\n')}\n`, { mode: 0o600 });
    const settings = (await documented('# mosquitto.conf'))
      .replace('/etc/mosquitto/passwords', passwords)
      .replace('/etc/mosquitto/acl', acl);
    broker = await startMosquitto(settings.split('\n').filter((line) => !line.startsWith('listener')));
    const operator = await connect('operator');
    const heard = await hear(operator, 'house/+/air/state/#');
    const url = new URL(broker!.url);
    const withName = `mqtt://spikewire:${encodeURIComponent('password of spikewire')}@${url.host}`;
    const run = await startRun(['--mqtt', withName, ...ROOMS, '--store', 'store']);

    const kitchen = await connect('kitchen');
    const overheard = await hear(kitchen, '#');
    await kitchen.publish('house/kitchen/air', '1');
    const forbidden = [
      'house/bath/air',
      'house/kitchen/air/command',
      'house/kitchen/air/label',
      'house/bath/air/command',
    ];
    for (const topic of [...forbidden, 'house/kitchen/air/state', 'house/_/air/state/link']) {
      await expect(kitchen.publish(topic, 'reset')).rejects.toThrow(/not authorized/i);
    }
    const stranger = await connect('stranger');
    await expect(stranger.publish('house/kitchen/air', '2')).rejects.toThrow(/not authorized/i);
    await expect(operator.publish('house/kitchen/air', '2')).rejects.toThrow(/not authorized/i);

    await operator.publish('house/kitchen/air/label', 'no lesson');
    await operator.publish('house/kitchen/air/command', 'status');
    const results = () => heard.filter(({ topic }) => !topic.endsWith('/link'));
    await until(() => results().length === 3);
    expect(
      results()
        .map(({ topic }) => topic)
        .sort(),
    ).toEqual(['house/kitchen/air/state', 'house/kitchen/air/state/error', 'house/kitchen/air/state/status']);
    expect(heard).toContainEqual({ topic: 'house/_/air/state/link', document: { text: 'ready' } });
    expect(overheard).toEqual([]);
    expect(await readdir(join(folder, 'store'))).toContain('kitchen');
    run.process.kill('SIGTERM');
    expect(await run.ended).toBe(0);
    expect(run.stdout()).toContain('3 MQTT messages received, 1 bad');
  });
});

describe('a shared subscription', () => {
  it('spreads readings over the processes of a group, with each result on the topic of its net', async (context) => {
    needs(context, 'mosquitto');
    broker = await startMosquitto();
    const teller = await connect('teller');
    const heard = await hear(teller, 'house/+/air/state/#');
    const input = ['--in', '$share/rooms/house/+/air', '--out', 'house/+/air/state'];
    const group = await Promise.all(
      ['one', 'two'].map((name) => startRun([...input, '--client-id', name, '--store', name])),
    );
    for (let k = 0; k < 40; k++) await teller.publish(`house/${k % 2 === 0 ? 'kitchen' : 'bath'}/air`, `${k}`);
    const of = (topic: string) => heard.filter((message) => message.topic === topic);
    await until(() => of('house/kitchen/air/state').length === 20 && of('house/bath/air/state').length === 20);
    expect(of('house/kitchen/air/state/error')).toEqual([]);
    await teller.publish('house/kitchen/air/command', 'status');
    const answers = () => [...of('house/kitchen/air/state/status'), ...of('house/kitchen/air/state/error')];
    await until(() => answers().length === 2);
    for (const command of group) command.process.kill('SIGTERM');
    await Promise.all(group.map(({ ended }) => ended));
    const received = group.map(({ stdout }) => Number(/stopped: (\d+) MQTT messages/.exec(stdout())![1]));
    // Each got some of the readings, nobody one twice, and each the command.
    expect(Math.min(...received)).toBeGreaterThan(1);
    expect(received[0]! + received[1]!).toBe(42);
  });
});

describe('orders to spikewire run', () => {
  it('need the secret of the environment as a user property of MQTT 5, and are obeyed once', async (context) => {
    needs(context, 'mosquitto');
    broker = await startMosquitto();
    const teller = await connect('teller');
    const heard = await hear(teller, 'house/+/air/state/#');
    const words = [...ROOMS, '--store', 'store', '--commands', 'status,reset', '--only', 'kitchen'];
    const first = await startRun(words, { SPIKEWIRE_SECRET: SECRET });
    for (let k = 0; k < 5; k++) await teller.publish('house/kitchen/air', `${k}`);
    await teller.publish('house/bath/air', '1');
    await until(() => heard.filter(({ document }) => document.seq === 5).length === 1);
    const shown = { properties: { userProperties: { secret: SECRET } } };
    const command = 'house/kitchen/air/command';
    await teller.publish(command, 'reset');
    await teller.publish(command, 'freeze', shown);
    await teller.publish(command, 'status', shown);
    await until(() => heard.filter(({ topic }) => topic.endsWith('/status')).length === 1);
    const errors = heard.filter(({ topic }) => topic.endsWith('/error')).map(({ document }) => document.error);
    expect(errors).toEqual([
      `${command}: secret: is missing; refused`,
      `${command}: command: "freeze" is switched off; refused`,
    ]);
    expect(heard.find(({ topic }) => topic.endsWith('/status'))!.document).toMatchObject({
      warmUp: { done: 5, of: 20 },
      counters: { unlisted: 1, refused: 2, commands: 1 },
    });
    await first.says(/air\/command: status: 5 readings/);
    first.process.kill('SIGTERM');
    expect(await first.ended).toBe(0);
    for (const said of [first.stdout(), first.stderr()]) expect(said).not.toContain(SECRET);

    // Whoever knows the secret left this with the broker; it wiped the net at every start.
    await teller.publish(command, 'reset', { ...shown, retain: true });
    heard.length = 0;
    // A new session, or the broker would have queued the command as one that was sent meanwhile.
    const second = await startRun([...words, '--client-id', 'second'], { SPIKEWIRE_SECRET: SECRET });
    await second.says(/air\/command: ignored, because it is retained/);
    await teller.publish(command, 'status', shown);
    await until(() => heard.some(({ topic }) => topic.endsWith('/status')));
    expect(heard.at(-1)!.document).toMatchObject({ readings: 5, warmUp: { done: 5 }, counters: { retained: 1 } });
  });

  it('do not show the secret, also where a message of such a topic is too large to be read', async () => {
    broker = await startAedes();
    const teller = await connect('teller', { maximumPacketBytes: 4 << 20 });
    const run = await startRun(ROOMS, { SPIKEWIRE_SECRET: SECRET });
    for (const room of [SECRET, 'kitchen']) await teller.publish(`house/${room}/air`, Buffer.alloc(2 << 20));
    await run.says(/topic "house\/kitchen\/air": a message of/);
    run.process.kill('SIGTERM');
    expect(await run.ended).toBe(0);
    for (const said of [run.stdout(), run.stderr()]) expect(said).not.toContain(SECRET);
    expect(run.stderr()).toMatch(/a topic with the secret in its name: a message of 2097\d{3} bytes dropped/);
  });

  it('keep the token of a page in its file: who has it is let in, and no log says it', async () => {
    await writeFile(join(folder, 'token'), `${SECRET}\n`, { mode: 0o600 });
    const page = ['--dashboard', '127.0.0.1:0', '--dashboard-token-file', 'token'];
    const run = startCommand(['run', 'level.spike', '--mqtt', 'mqtt://127.0.0.1:1', ...ROOMS, ...page], folder);
    commands.push(run);
    await run.says(/^page: .*\n/m);
    const [, url] = /^page: (.*)$/m.exec(run.stdout())!;
    const metrics = (token: string) =>
      fetch(new URL('/metrics', url), { headers: { authorization: `Bearer ${token}` } });
    expect([(await metrics(SECRET)).status, (await metrics('a guess')).status]).toEqual([200, 401]);
    expect(new URL(url!).search).toBe('');
    run.process.kill('SIGTERM');
    expect(await run.ended).toBe(0);
    expect(run.stdout() + run.stderr()).not.toContain(encodeURIComponent(SECRET));
  });

  it.each([
    [['--dashboard-token-file', 'open'], /token file open: is accessible to other users \(mode 0644\)/],
    [['--dashboard-token-file', 'empty'], /token file empty: is empty; expected a token in its first line/],
    [['--dashboard-token-file', 'empty', '--dashboard-token', 'x'], /cannot be combined with --dashboard-token/],
  ])('%j are refused in one line', async (words, line) => {
    await writeFile(join(folder, 'open'), SECRET, { mode: 0o644 });
    await writeFile(join(folder, 'empty'), '\n', { mode: 0o600 });
    const page = ['--mqtt', 'mqtt://127.0.0.1:1', '--dashboard', '127.0.0.1:0'];
    const ended = await runCommand(['run', 'level.spike', ...ROOMS, ...page, ...words], folder);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr.trim().split('\n')).toEqual([expect.stringMatching(line)]);
  });

  it.each([
    [['--commands', 'none'], {}, ['reset', 'freeze', 'save', 'settings'], ['teach']],
    [['--no-lessons'], {}, ['teach'], ['freeze']],
    [[], { SPIKEWIRE_SECRET: SECRET }, [], ['freeze']],
  ])('hold for the page too: %j', async (words, environment, refused, taken) => {
    broker = await startAedes();
    const teller = await connect('teller');
    const run = await startRun([...ROOMS, ...words, '--dashboard', '127.0.0.1:0'], environment);
    await teller.publish('house/kitchen/air', '1');
    const { origin, searchParams } = await pageOf(run);
    const command = { settings: { sensitivity: 9 }, lesson: { label: 'idle', time: 0 } };
    const ask = (name: string, headers: object) =>
      fetch(`${origin}/command`, {
        method: 'POST',
        headers: { origin, 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ net: 'kitchen', command: name, ...command }),
      });
    const token = { authorization: `Bearer ${searchParams.get('token')}` };
    const inside = (headers: object) => fetch(`${origin}/inside?net=kitchen`, { headers: { ...headers } });
    await until(async () => (await inside(token)).status === 200);
    expect((await inside({})).status).toBe(401);
    for (const name of [...refused, ...taken]) expect((await ask(name, {})).status).toBe(401);
    for (const name of refused) {
      const answer = await ask(name, token);
      expect([name, answer.status]).toEqual([name, 403]);
      expect(((await answer.json()) as { error: string }).error).toMatch(/switched off; refused$/);
    }
    for (const name of taken) expect((await ask(name, token)).status).not.toBe(403);
  });

  it('can be given to those who only look at the page', async () => {
    broker = await startAedes();
    await writeFile(join(folder, 'viewers'), 'a token for the display on the wall', { mode: 0o600 });
    const run = await startRun([...ROOMS, '--dashboard', '127.0.0.1:0', '--dashboard-viewer-token-file', 'viewers']);
    await (await connect('teller')).publish('house/kitchen/air', '1');
    const { origin } = await pageOf(run);
    const headers = { authorization: 'Bearer a token for the display on the wall' };
    await until(async () => (await fetch(`${origin}/inside?net=kitchen`, { headers })).status === 200);
    expect(await (await fetch(`${origin}/metrics`, { headers })).text()).toMatch(/^# HELP spikewire/);
    const answer = await fetch(`${origin}/command`, {
      method: 'POST',
      headers: { ...headers, origin, 'content-type': 'application/json' },
      body: JSON.stringify({ net: 'kitchen', command: 'reset' }),
    });
    expect(await answer.json()).toEqual({ error: 'reset: needs the role "command"; refused' });
    expect(answer.status).toBe(403);
  });

  it.each([
    [
      ['--secret-file', 'open'],
      /secret file open: is accessible to other users \(mode 0644\); expected mode 0600 or 0400/,
    ],
    [['--secret-file', 'absent'], /secret file absent: does not exist; expected an existing file/],
    [['--commands', 'none,save'], /--commands: has "none" beside other commands; expected none alone/],
    [['--commands', 'save,explode'], /--commands: has "explode"; expected none, or some of save,reset/],
    [['--only', 'kitchen/oven'], /--only: has "kitchen\/oven"; expected the name that is in place of the "\+" of --in/],
    [['--only', ''], /--only: has ""/],
  ])('%j are refused in one line', async (words, line) => {
    await writeFile(join(folder, 'open'), SECRET, { mode: 0o644 });
    const ended = await runCommand(['run', 'level.spike', ...ROOMS, ...words], folder);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr.trim().split('\n')).toEqual([expect.stringMatching(line)]);
  });
});
