import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RandomGenerator } from '@spikewire/models';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { machineReport } from '../hosted/machine-report.ts';
import { EMPTY_JOURNAL } from '../update/journal.ts';
import { answer, type Manners, TestController } from './controller.test-data.ts';
import { deviceReport } from './device-report.ts';
import { Identity } from './identity.ts';
import { Member } from './member.ts';

const SHA = 'ab'.repeat(32);
const TRY = { kind: 'try', sha256: SHA, carrying: 'carry' };

let folder: string;
let controller: TestController;
let member: Member;
let lines: string[];
/** That the device watches. */
let machines: readonly string[];
let changes: number;
/** Seconds that the member has waited, each time; it goes on when `next` is called. */
let waits: number[];
let next: () => void;
let ending: AbortController;
/** Of the device, where it is not that of this machine. */
let clock: number | undefined;
let running: Promise<void> | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-member-'));
  controller = await TestController.open();
  [lines, changes, waits, ending, running] = [[], 0, [], new AbortController(), undefined];
  [clock, machines] = [undefined, []];
});
afterEach(async () => {
  ending.abort();
  await running;
  await controller.close();
  await rm(folder, { recursive: true, force: true });
});

function reportOfMachine(name: string) {
  return machineReport(name, { model: name, channel: 'stable', groups: [] }, { entry: EMPTY_JOURNAL });
}

async function open(token: string | undefined = 'one-time'): Promise<Member> {
  const identity = (await Identity.open(folder, { controller: controller.address, token, name: 'hall 3' }))!;
  member = await Member.open({
    ...{ folder, identity, random: new RandomGenerator(1, 'member'), patience: 300 },
    now: () => clock ?? Date.now(),
    report: () => deviceReport({ version: '1.0.0', memory: 1 }, machines.map(reportOfMachine)),
    onOrders: () => changes++,
    say: (line) => lines.push(line),
    warn: (line) => lines.push(line),
    // Waits of a second at most pass at once, others when the test says so.
    pause: (milliseconds, signal) =>
      new Promise((resolve) => {
        if (milliseconds <= 1000 || signal.aborted) return resolve();
        waits.push(milliseconds / 1000 + 1);
        next = resolve;
        signal.addEventListener('abort', () => resolve());
      }),
  });
  return member;
}

async function begin(token?: string): Promise<void> {
  await open(token);
  running = member.run(ending.signal);
  await turn(0);
}

/** Lets the member report once more, or for the first time, until it waits. */
async function turn(before = waits.length): Promise<number> {
  if (before > 0) next();
  await vi.waitFor(() => expect(waits.length).toBeGreaterThan(before), 10_000);
  return waits.at(-1)!;
}

/** The same device in its next process, perhaps with another token. */
async function restart(token?: string): Promise<void> {
  ending.abort();
  await running;
  [ending, waits] = [new AbortController(), []];
  await begin(token);
  if (member.status.membership !== 'joining') await turn(); // it does not ask at once
}

describe('a member of a fleet', () => {
  it('joins, reports, and obeys what it is ordered', async () => {
    controller.orders = { machines: { pump: TRY }, every: 100 };
    await open();
    expect(member.orderFor('pump')).toEqual({ kind: 'wait' }); // it has not asked yet
    running = member.run(ending.signal);
    await turn(0);
    expect(controller.requests.map(({ path }) => path)).toEqual(['/v1/join', '/v1/report']);
    expect(controller.reports[0]!.body).toMatchObject({ format: 1, version: '1.0.0', machines: [] });
    expect(member.orderFor('pump')).toEqual(TRY);
    expect(member.orderFor('fan')).toEqual({ kind: 'keep' });
    expect(member.orderFor('__proto__')).toEqual({ kind: 'keep' });
    expect(member.status).toMatchObject({ membership: 'member', problem: null, name: 'hall 3' });
    expect(lines).toHaveLength(1);
  });

  it('reports as often as it is told, up to a quarter earlier or later, and says which orders it has', async () => {
    controller.orders = { machines: {}, every: 100 };
    await begin();
    const seen = [waits[0]!];
    for (let k = 0; k < 40; k++) seen.push(await turn());
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(75);
    expect(Math.max(...seen)).toBeLessThanOrEqual(125);
    expect(Math.max(...seen) - Math.min(...seen)).toBeGreaterThan(40);
    const etags = controller.reports.map(({ headers }) => headers['if-none-match']);
    expect(new Set(etags.slice(1))).toEqual(new Set([etags[1]]));
    expect(etags[1]).toMatch(/^"[0-9a-f]{16}"$/);
    expect(changes).toBe(2); // the first orders, and that it has asked
  });

  it('counts its orders, and the reports that were not taken', async () => {
    machines = ['pump', 'fan', 'mill'];
    controller.orders = { machines: { pump: TRY, fan: { kind: 'wait' }, gone: { kind: 'wait' } }, every: 100 };
    controller.manners = (_, response) => void response.destroy();
    await begin();
    expect(member.status).toMatchObject({ membership: 'joining', reported: null, failed: 1 });
    controller.manners = () => 'as usual';
    await turn();
    const orders = { keep: 1, wait: 1, try: 1, install: 0, leave: 0 };
    expect(member.status).toMatchObject({ membership: 'member', failed: 1, orders });
    expect(Math.abs(Date.parse(member.status.reported!) - Date.now())).toBeLessThan(60_000);
    controller.manners = (_, response) => answer(response, 429, {});
    await turn();
    expect(member.status).toMatchObject({ failed: 2, orders });
    controller.dismissed.add(member.status.device);
    await turn();
    await turn();
    expect(member.status.orders).toEqual({ keep: 0, wait: 0, try: 0, install: 0, leave: 0 });
  });

  it('keeps its orders over a restart and without a network', async () => {
    controller.orders = { machines: { pump: TRY }, every: 100 };
    await begin();
    await controller.close();
    await restart();
    expect(member.orderFor('pump')).toEqual(TRY);
    for (let k = 0; k < 3; k++) await turn();
    waits.shift(); // before the first report
    // 30, 60, and then the time between two reports, 100, each up to a quarter earlier or later.
    for (const [k, mean] of [30, 60, 100, 100].entries()) {
      expect(waits[k]).toBeGreaterThanOrEqual(0.75 * mean);
      expect(waits[k]).toBeLessThanOrEqual(1.25 * mean);
    }
    expect(lines.filter((line) => line.includes('cannot be reached'))).toHaveLength(1);
    expect(member.status.problem).toContain('cannot be reached');
    controller = await TestController.open();
  });

  it('keeps the order of a machine that an answer does not name', async () => {
    controller.orders = { machines: { pump: TRY }, every: 100 };
    await begin();
    controller.orders = { machines: { fan: { kind: 'wait' } }, every: 100 };
    await turn();
    expect([member.orderFor('pump'), member.orderFor('fan')]).toEqual([TRY, { kind: 'wait' }]);
  });

  it.each<[string, Manners]>([
    ['429', (_, response) => answer(response, 429, {}, { 'retry-after': '100' })],
    ['500', (_, response) => answer(response, 500, {})],
    ['nothing', (_, response) => void response.destroy()],
  ])('lets a machine without an order wait until there is an answer, and not only %s', async (_, manners) => {
    controller.manners = manners;
    await begin();
    expect(member.orderFor('pump')).toEqual({ kind: 'wait' });
    controller.manners = (received, response) =>
      received.path === '/v1/join' ? 'as usual' : manners(received, response);
    await turn();
    expect(member.orderFor('pump')).toEqual({ kind: 'wait' });
    controller.manners = () => 'as usual';
    await turn();
    expect(member.orderFor('pump')).toEqual({ kind: 'keep' });
  });

  it('lets a machine wait that is new since the last orders, until there is an answer', async () => {
    controller.orders = { machines: { pump: { kind: 'wait' } }, every: 100 };
    await begin();
    controller.manners = (_, response) => void response.destroy();
    await restart();
    expect([member.orderFor('pump'), member.orderFor('fan')]).toEqual([{ kind: 'wait' }, { kind: 'wait' }]);
    controller.manners = () => 'as usual';
    await turn();
    expect([member.orderFor('pump'), member.orderFor('fan')]).toEqual([{ kind: 'wait' }, { kind: 'keep' }]);
  });

  it('obeys nothing that is not durable', async () => {
    await begin();
    await rm(folder, { recursive: true });
    await writeFile(folder, ''); // no folder any more
    controller.orders = { machines: { pump: TRY }, every: 100 };
    await turn();
    expect(member.orderFor('pump')).toEqual({ kind: 'keep' });
    await rm(folder);
    await turn();
    expect(member.orderFor('pump')).toEqual(TRY);
  });

  it.each(['', 'null', '{"orders":{}}', '\0', '{"orders":{"machines":{"pump":{"kind":"run"}},"every":60}}'])(
    'takes the orders anew where the file of them is damaged: %j',
    async (text) => {
      controller.orders = { machines: { pump: TRY }, every: 100 };
      await begin();
      await writeFile(join(folder, 'orders.json'), text);
      await restart();
      expect(member.orderFor('pump')).toEqual(TRY);
    },
  );
});

describe('a lost or repeated message', () => {
  it('to join is repeated, also after a restart, with the same key', async () => {
    let lost = 2;
    controller.manners = ({ path }, response) => {
      const isLost = path === '/v1/join' && lost-- > 0;
      return isLost ? response.destroy() : 'as usual';
    };
    await begin();
    expect(member.status.membership).toBe('joining');
    await restart();
    await turn();
    expect(member.status.membership).toBe('member');
    expect(new Set(controller.requests.map(({ device }) => device)).size).toBe(1);
    expect(JSON.parse(await readFile(join(folder, 'identity.json'), 'utf8'))).toMatchObject({ token: null });
  });

  it('to report is repeated with a new counter', async () => {
    await begin();
    controller.manners = (_, response) => void response.destroy();
    await turn();
    controller.manners = () => 'as usual';
    await turn();
    const counters = controller.requests.map(({ counter }) => counter);
    expect(counters).toEqual([...new Set(counters)].sort((a, b) => a - b));
    expect(member.status.problem).toBeNull();
  });

  it('whose counter is too low gets a higher one', async () => {
    await begin();
    const ahead = Date.now() + 1e12;
    controller.counter = ahead;
    await turn();
    expect(controller.reports.at(-1)!.counter).toBe(ahead + 1);
    await turn();
    expect(controller.reports.at(-1)!.counter).toBe(ahead + 2);
    expect(member.status.problem).toBeNull();
  });

  it('with a counter that somebody has forged does no lasting harm', async () => {
    await begin();
    let forged = 1;
    controller.manners = (_, response) => (forged-- > 0 ? answer(response, 409, { counter: 2 ** 52 }) : 'as usual');
    const before = controller.reports.at(-1)!.counter;
    await turn();
    expect(controller.reports.at(-1)!.counter - before).toBeLessThan(60_000);
    expect(member.status.problem).toBeNull();
    await restart();
    expect(member.status.problem).toBeNull();
  });

  it('of a device whose clock is years ahead is counted from where the controller is', async () => {
    clock = Date.now() + 10 * 365 * 86_400_000;
    await begin();
    controller.counter = 7;
    await turn();
    expect(controller.reports.at(-1)!.counter).toBe(8);
    await turn();
    expect(controller.reports.at(-1)!.counter).toBe(9);
    expect(member.status.problem).toBeNull();
  });

  it.each([2 ** 53, 2 ** 52 + 1, -1.5, -1, '7', null])(
    'whose counter is said to be too low by %j is given up',
    async (counter) => {
      await begin();
      controller.manners = (_, response) => answer(response, 409, { counter });
      const sent = controller.requests.length;
      await turn();
      expect(controller.requests.length - sent).toBe(1);
      expect(member.status.problem).toContain('answers 409');
      controller.manners = () => 'as usual';
      await turn();
      expect(member.status.problem).toBeNull();
    },
  );

  it('whose counter is too low for ever is given up', async () => {
    await begin();
    controller.manners = ({ counter }, response) => answer(response, 409, { counter: counter + 1 });
    const sent = controller.requests.length;
    await turn();
    expect(controller.requests.length - sent).toBe(3);
  });
});

describe('a controller that answers', () => {
  const problems: readonly (readonly [string, Parameters<typeof answer>[1], unknown, string])[] = [
    ['401', 401, { error: 'unknown device' }, 'does not know this device: unknown device'],
    ['400', 400, { error: 'no "machines"' }, 'answers 400: no "machines"'],
    ['a redirection', 302, {}, 'answers 302'],
    ['an error of two lines', 500, { error: 'a\nb\u001b[31m' }, 'answers 500: a b [31m'],
    ['orders of another version', 200, { machines: { pump: { kind: 'run' } }, every: 60 }, 'names no model'],
    ['orders for every millisecond', 200, { machines: {}, every: 0.001 }, 'every: is out of range'],
    ['an array', 200, [], 'is not an object'],
    ['too much', 200, { machines: {}, every: 60, more: 'x'.repeat(70_000) }, 'more than 65536 bytes'],
  ];

  it.each(problems)('%s: that is said once, and orders stay', async (_, status, body, message) => {
    controller.orders = { machines: { pump: TRY }, every: 100 };
    await begin();
    controller.manners = (_, response) => answer(response, status, body);
    for (let k = 0; k < 3; k++) await turn();
    expect(
      lines.filter((line) => line.includes(message)),
      lines.join('\n'),
    ).toHaveLength(1);
    expect(lines.join('')).not.toContain('\u001b');
    expect(member.orderFor('pump')).toEqual(TRY);
    controller.manners = () => 'as usual';
    await turn();
    expect(member.status.problem).toBeNull();
  });

  it.each([
    ['nothing', () => {}],
    ['half an answer', (response: ServerResponse) => void response.writeHead(200).write('{')],
    [
      'one byte now and then',
      (response: ServerResponse) => {
        response.writeHead(200);
        const timer = setInterval(() => response.write(' '), 20);
        response.on('close', () => clearInterval(timer));
      },
    ],
  ])('%s is left', async (_, act) => {
    await begin();
    controller.manners = (_, response) => act(response);
    await turn();
    expect(member.status.problem).toContain('no whole answer within 0.3 s');
  });

  it('garbage is left', async () => {
    await begin();
    controller.manners = (_, response) => void response.socket!.end('\0\0\0\r\n\r\n');
    await turn();
    expect(member.status.problem).toContain('cannot be reached');
  });

  it.each([
    [429, '200', 200],
    [503, '90', 90],
    [503, 'soon', 60],
    [429, '1e9', 86_400],
  ])('%i with retry-after %s is left alone for so long', async (status, after, least) => {
    await begin();
    controller.manners = (_, response) => answer(response, status, {}, { 'retry-after': after });
    const seconds = await turn();
    expect(seconds).toBeGreaterThanOrEqual(least);
    expect(seconds).toBeLessThanOrEqual(1.25 * least);
  });

  it('403 to a token asks for a new one', async () => {
    controller.token = 'another';
    await begin();
    expect(lines.join()).toContain('refuses the token: the token is used; expected --join with a new one');
    expect(member.orderFor('pump')).toEqual({ kind: 'wait' });
    controller.token = 'one-time';
    await turn();
    expect(member.status.membership).toBe('member');
  });

  it('410 to a token, whatever the key, is asked again each day', async () => {
    controller.dismissed.has = () => true;
    await begin();
    expect(waits[0]).toBeGreaterThanOrEqual(0.75 * 86_400);
    expect([member.orderFor('pump'), member.status.membership]).toEqual([undefined, 'dismissed']);
  });

  it('410 of another server is a failure like others: the orders stay', async () => {
    controller.orders = { machines: { pump: TRY }, every: 100 };
    await begin();
    controller.manners = (_, response) => answer(response, 410, { error: 'moved' });
    await turn();
    expect([member.orderFor('pump'), member.status.membership]).toEqual([TRY, 'member']);
    expect(lines.join()).toContain('answers 410: moved');
  });

  it('410 is obeyed: machines decide by themselves, and it is asked again each day', async () => {
    controller.orders = { machines: { pump: TRY }, every: 100 };
    await begin();
    controller.manners = (_, response) => answer(response, 410, { error: 'revoked', device: member.status.device });
    for (let k = 0; k < 3; k++) expect(await turn()).toBeGreaterThanOrEqual(0.75 * 86_400);
    expect([member.orderFor('pump'), member.status.membership]).toEqual([undefined, 'dismissed']);
    expect(lines.filter((line) => line.includes('has dismissed this device'))).toHaveLength(1);
    expect(changes).toBe(3);
    await restart();
    expect(member.orderFor('pump')).toBeUndefined();
    controller.manners = () => 'as usual';
    await turn();
    expect([member.orderFor('pump'), member.status.membership]).toEqual([TRY, 'member']);
  });
});

describe('a device that was revoked or retired', () => {
  it('joins with a new key where a person gives it a new token', async () => {
    controller.orders = { machines: { pump: TRY }, every: 100 };
    await begin();
    const before = member.status.device;
    controller.dismissed.add(before);
    await turn();
    expect(member.status.membership).toBe('dismissed');
    controller.token = 'second';
    await restart('second');
    const { device, membership } = member.status;
    expect([membership, member.orderFor('pump')]).toEqual(['member', TRY]);
    expect(device).not.toBe(before);
    expect(controller.reports.at(-1)!.device).toBe(device);
    expect(lines.slice(-2)).toEqual([
      `controller: ${controller.address} has dismissed device ${before}; this device joins again, with a new key`,
      `controller: this device has joined ${controller.address} as ${device}`,
    ]);
    await restart('second');
    expect(member.status).toMatchObject({ device, membership: 'member', problem: null });
  });

  it('does so, too, where it did not know', async () => {
    await begin();
    controller.dismissed.add(member.status.device);
    controller.token = 'second';
    await restart('second');
    expect(member.status.membership).toBe('member');
  });

  it('says at each start what lets it join again, also with a token that it has used', async () => {
    await begin();
    controller.dismissed.add(member.status.device);
    await turn();
    for (let k = 0; k < 2; k++) {
      lines = [];
      await restart();
      await turn();
      expect(lines.filter((line) => line.includes('--join with a new token'))).toHaveLength(1);
    }
  });

  it('says that a token is refused', async () => {
    await begin();
    controller.dismissed.add(member.status.device);
    await restart('unknown');
    expect(lines.filter((line) => line.includes('refuses the token'))).toHaveLength(1);
    controller.token = 'second';
    await restart('second');
    expect(member.status.membership).toBe('member');
  });
});

describe('a device whose machines start', () => {
  it('joins, and reports nothing before it knows of all of them: what is absent counts as gone', async () => {
    await open();
    const reports = [undefined, undefined, deviceReport({ version: '1.0.0', memory: 1 }, [])];
    member = await Member.open({
      ...{ folder, identity: (await Identity.open(folder))!, random: new RandomGenerator(1, 'member') },
      ...{
        report: () => reports.shift(),
        onOrders: () => changes++,
        pause: async () => ending.signal.throwIfAborted(),
      },
    });
    controller.manners = ({ path }) => {
      if (path === '/v1/report') ending.abort();
      return 'as usual';
    };
    await member.run(ending.signal);
    expect(controller.requests.map(({ path }) => path)).toEqual(['/v1/join', '/v1/report']);
    expect(reports).toEqual([]);
  });
});

describe('a hint', () => {
  it('makes it report at once', async () => {
    await begin();
    for (let k = 1; k < 4; k++) {
      const before = waits.length;
      member.hint();
      await vi.waitFor(() => expect(waits.length).toBeGreaterThan(before));
      expect(controller.reports).toHaveLength(k + 1);
    }
  });

  it.each(['/v1/join', '/v1/report'])(
    'does not shorten the rest that a controller has asked for at %s',
    async (path) => {
      const busy: Manners = (received, response) =>
        received.path === path ? answer(response, 503, {}, { 'retry-after': '200' }) : 'as usual';
      controller.manners = busy;
      await begin();
      expect(waits.at(-1)).toBeGreaterThanOrEqual(200);
      const sent = controller.requests.length;
      member.hint();
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect([controller.requests.length, waits.length]).toEqual([sent, 1]);
      controller.manners = () => 'as usual';
      await turn();
      expect(member.status).toMatchObject({ membership: 'member', problem: null });
      expect(controller.reports.length).toBeGreaterThan(0);
    },
  );

  it('to a group makes it report within some seconds', async () => {
    await begin();
    member.hint(true);
    await vi.waitFor(() => expect(waits).toHaveLength(2));
    expect(controller.reports).toHaveLength(1); // not at once
    expect(waits[1]).toBeLessThanOrEqual(6);
    await turn();
    expect(controller.reports).toHaveLength(2);
  });
});
