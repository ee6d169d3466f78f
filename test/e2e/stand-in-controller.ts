import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, resolve } from 'node:path';
import { RandomGenerator } from '@spikewire/models';
import { DEFAULT_PLAN } from '../../fleet/src/controller/rollouts/plan.ts';
import type {
  DeviceDetails,
  DeviceSummary,
  Group,
  Health,
  HistoryEntry,
  JoinToken,
  MachineState,
  OfferPage,
  PageOf,
  Person,
  Role,
  RolloutDetails,
  RolloutMachine,
  RolloutRequest,
  RoundSummary,
} from '../../fleet/src/controller/wire/wire.ts';

const PAGE = resolve('fleet/dist/controller/page');
const TYPES: Readonly<Record<string, string>> = {
  ...{ '.html': 'text/html', '.css': 'text/css', '.js': 'text/javascript', '.svg': 'image/svg+xml' },
};
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'";
const HOUR = 3_600_000;

export const DEVICES = 10_000;
/** Of people with each role. */
export const TOKENS: Readonly<Record<Role, string>> = {
  ...{ look: 'token-look', operate: 'token-operate', release: 'token-release', administer: 'token-administer' },
};
/** A name that is code to a page that takes it for HTML. */
export const HOSTILE = '<img src=x onerror="document.title=\'hacked\'"><script>document.title="hacked"</script>';
const ROOMS = ['hall', 'yard', 'cellar', 'roof'];
const BASES = [
  { sha256: 'a1'.repeat(32), name: 'pump-7.spike' },
  { sha256: 'b2'.repeat(32), name: 'pump-8.spike' },
];

type Answer = { readonly status?: number; readonly body: unknown };

/**
 * Stands in for a controller: answers what its page asks for with made-up data of 10,000 devices, and keeps what people
 * order. It decides nothing by itself.
 */
export class StandInController {
  readonly requests: { readonly method: string; readonly path: string; readonly items: number }[] = [];
  readonly rollouts: RolloutDetails[];
  readonly devices: DeviceDetails[];
  readonly people: Person[] = [{ id: 'p1', name: 'Ada', role: 'administer', made: 0, madeBy: 'first start' }];
  readonly tokens: JoinToken[] = [];
  readonly history: HistoryEntry[] = [];
  /** Whether changes are streamed, and whether requests are answered at all. */
  streams = true;
  isDown = false;
  readonly #now = Date.UTC(2026, 11, 2, 12);
  readonly #random = new RandomGenerator(1, 'stand-in');
  readonly #server: Server;
  readonly #listeners = new Set<ServerResponse>();

  private constructor() {
    this.devices = Array.from({ length: DEVICES }, (_, k) => this.#device(k));
    this.rollouts = [this.#rollout('r1', 'pump-8 everywhere', 'waves'), this.#rollout('r2', HOSTILE, 'held')];
    this.#note('Ada', 'begin', 'r1', { model: 'pump', plan: { waves: [0.05, 0.25, 1] } });
    this.#server = createServer((request, response) => void this.#reply(request, response));
  }

  static async start(): Promise<StandInController> {
    const controller = new StandInController();
    await new Promise<void>((resolve) => controller.#server.listen(0, '127.0.0.1', resolve));
    return controller;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Tells pages that something changed. */
  changed(...kinds: string[]): void {
    for (const listener of this.#listeners) listener.write(`data: ${JSON.stringify({ changed: kinds })}\n\n`);
  }

  /** Ends the streams of changes. */
  cut(): void {
    for (const listener of this.#listeners) listener.destroy();
  }

  async #reply(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url!, 'http://stand-in');
    response.setHeader('content-security-policy', POLICY);
    if (!pathname.startsWith('/v1/')) return replyFile(pathname, response);
    if (this.isDown) {
      response.destroy();
      return;
    }
    const role = roleOf(request);
    if (role === undefined) return replyJson(response, { status: 401, body: { error: 'unknown token' } });
    if (pathname === '/v1/changes') return this.#stream(response);
    const answer = this.#answer(
      request.method!,
      pathname.slice('/v1/'.length),
      searchParams,
      role,
      await bodyOf(request),
    );
    const { items = [] } = answer.body as { items?: unknown[] };
    this.requests.push({ method: request.method!, path: `${pathname}?${searchParams}`, items: items.length });
    replyJson(response, answer);
  }

  #stream(response: ServerResponse): void {
    if (!this.streams) {
      replyJson(response, { status: 503, body: { error: 'too many streams' } });
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(': begins\n\n');
    this.#listeners.add(response);
    response.on('close', () => this.#listeners.delete(response));
  }

  #answer(method: string, path: string, query: URLSearchParams, role: Role, body: unknown): Answer {
    const [what = '', id = '', act = ''] = path.split('/').map(decodeURIComponent);
    if (method === 'GET') return this.#look(what, id, act, query, role);
    if (what === 'rollouts') return id === '' ? this.#begin(body as RolloutRequest) : this.#decide(id, act);
    if (what === 'devices') return this.#change(id, act, body as Partial<DeviceDetails>);
    if (what === 'tokens' && method === 'POST') return this.#makeToken(body as Pick<JoinToken, 'labels' | 'uses'>);
    if (what === 'people' && method === 'POST') return this.#addPerson(body as Pick<Person, 'name' | 'role'>);
    const list: { id: string }[] = what === 'tokens' ? this.tokens : this.people;
    list.splice(
      list.findIndex((each) => each.id === id),
      1,
    );
    return { body: {} };
  }

  #look(what: string, id: string, act: string, query: URLSearchParams, role: Role): Answer {
    if (what === 'status') return { body: this.#status(role) };
    if (what === 'groups') return { body: query.has('by') ? partOf(this.#groups(), query) : LABEL_KEYS };
    if (what === 'offers') return { body: this.#offers() };
    if (what === 'tokens') return { body: partOf(this.tokens, query) };
    if (what === 'rounds') return { body: partOf([this.#round()], query) };
    if (what === 'people') return { body: partOf(this.people, query) };
    if (what === 'history') return { body: id === 'check' ? this.#checked() : partOf(this.#entries(query), query) };
    if (what === 'devices' && id === '') return { body: partOf(this.#found(query), query) };
    if (what === 'rollouts' && id === '') return { body: partOf(this.#open(query), query) };
    const found = (what === 'devices' ? this.devices : this.rollouts).find((each) => each.id === id);
    if (found === undefined) return { status: 404, body: { error: `${what}: “${id}” does not exist` } };
    return { body: act === 'machines' ? partOf(this.#machines(query), query) : found };
  }

  #status(role: Role): object {
    const count = (health: Health) => this.devices.filter((each) => each.health === health).length;
    const devices = Object.fromEntries(HEALTHS.map((health) => [health, count(health)]));
    const openRollouts = this.rollouts.filter(({ ended }) => ended === null).length;
    return { person: 'Ada', role, version: '0.2.0', now: this.#now, silentAfter: 1.5 * HOUR, devices, openRollouts };
  }

  #found(query: URLSearchParams): DeviceSummary[] {
    const [search, health, base] = ['search', 'health', 'base'].map((name) => query.get(name) ?? '');
    const labels = query.getAll('label').map((label) => label.split('='));
    return this.devices
      .filter((device) => device.name.includes(search!) || device.id.startsWith(search!))
      .filter((device) => (health === '' ? isMember(device) : device.health === health))
      .filter((device) => labels.every(([key, value]) => device.labels[key!] === value))
      .filter(({ machines }) => base === '' || machines.some((machine) => machine.base?.sha256 === base))
      .map(({ id, name, labels, health, seen, machines }) => {
        const bases = machines.flatMap(({ base }) => base ?? []).map(({ sha256, name }) => ({ sha256, name }));
        const problem = machines.find((machine) => machine.problem !== null)?.problem ?? null;
        return { id, name, labels, health, seen, machines: machines.length, bases, problem };
      });
  }

  #groups(): Group[] {
    return [...ROOMS, null].map((value) => {
      const members = this.devices.filter((device) => isMember(device) && (device.labels.room ?? null) === value);
      const count = (health: Health) => members.filter((device) => device.health === health).length;
      const [devices, silent, problem] = [members.length, count('silent'), count('problem')];
      return { value, devices, machines: devices, silent, problem };
    });
  }

  #open(query: URLSearchParams): RolloutDetails[] {
    return this.rollouts.filter(({ ended }) => query.get('phase') !== 'open' || ended === null);
  }

  #entries(query: URLSearchParams): HistoryEntry[] {
    const subject = query.get('subject');
    return this.history.filter((entry) => subject === null || entry.subject === subject).toReversed();
  }

  #offers(): OfferPage {
    const about = { model: 'pump', channel: 'stable', groups: [], form: 'int8' };
    const items = BASES.toReversed().map(({ sha256, name }, k) => ({
      ...{ ...about, sha256, name, carrying: ['carry', 'rebase', 'reset'] as const },
      ...{ machines: DEVICES, installed: k === 0 ? 500 : 9500 },
    }));
    return { items, next: null, plan: DEFAULT_PLAN, problem: null };
  }

  #machines(query: URLSearchParams): RolloutMachine[] {
    const state = query.get('state') ?? '';
    return this.devices
      .map(({ id, name, seen }, place): RolloutMachine => {
        const counts = { compared: 40 + (place % 7), differed: 3, labelled: 2, gained: place % 2, lost: 0 };
        const problem = stateOf(place) === 'failed' ? 'self-test 3 differs' : null;
        return { device: id, name, machine: 'pump', place, state: stateOf(place), ...counts, reported: seen, problem };
      })
      .filter((machine) => state === '' || machine.state === state);
  }

  #begin(request: RolloutRequest): Answer {
    const id = `r${this.rollouts.length + 1}`;
    if (!(request.plan.shadow >= 50))
      return { status: 400, body: { error: `plan, shadow: is ${request.plan.shadow}; expected 50 or more` } };
    const rollout = { ...this.#rollout(id, request.name, 'shadow'), ...request };
    this.rollouts.unshift(rollout);
    this.#note('Ada', 'begin', id, { name: request.name });
    return { body: { id } };
  }

  #decide(id: string, act: string): Answer {
    const k = this.rollouts.findIndex((each) => each.id === id);
    const rollout = this.rollouts[k]!;
    if (act === 'pause' || act === 'resume') this.rollouts[k] = { ...rollout, paused: act === 'pause' };
    if (act === 'approve') this.rollouts[k] = { ...rollout, phase: 'waves', waves: rollout.waves + 1, reason: null };
    if (act === 'abort')
      this.rollouts[k] = { ...rollout, phase: 'stopped', reason: 'Ada aborted it', ended: this.#now };
    this.#note('Ada', act, id);
    return { body: {} };
  }

  #change(id: string, act: string, { name, labels }: Partial<DeviceDetails>): Answer {
    const k = this.devices.findIndex((each) => each.id === id);
    const health: Partial<Record<string, Health>> = { retire: 'retired', revoke: 'revoked' };
    const device = this.devices[k]!;
    const changed = {
      name: name ?? device.name,
      labels: labels ?? device.labels,
      health: health[act] ?? device.health,
    };
    this.devices[k] = { ...device, ...changed };
    this.#note('Ada', act || 'change', id, { name, labels });
    return { body: {} };
  }

  #makeToken({ labels, uses }: Pick<JoinToken, 'labels' | 'uses'>): Answer {
    const [id, expires] = [`c0ffee${this.tokens.length}0`, this.#now + 24 * HOUR];
    this.tokens.push({ id, labels, expires, uses, madeBy: 'Ada', made: this.#now });
    return { body: { token: `join-${id}`, expires } };
  }

  #addPerson({ name, role }: Pick<Person, 'name' | 'role'>): Answer {
    this.people.push({ id: `p${this.people.length + 1}`, name, role, made: this.#now, madeBy: 'Ada' });
    return { body: { token: `person-${name}` } };
  }

  #checked(): object {
    return { kind: 'whole', head: { number: this.history.length, hash: 'f'.repeat(64) } };
  }

  #note(actor: string, action: string, subject: string, details: object = {}): void {
    const number = this.history.length + 1;
    this.history.push({ number, time: this.#now, actor, action, subject, details });
  }

  #device(k: number): DeviceDetails {
    const health = HEALTHS[[0, 0, 0, 0, 0, 0, 0, 1, 2, 2][k % 10]!]!;
    const seen = health === 'silent' ? this.#now - 9 * HOUR : this.#now - this.#random.nextInteger(60_000);
    const name = k === 3 ? HOSTILE : `pump ${String(k).padStart(5, '0')}`;
    return {
      ...{ id: k.toString(16).padStart(32, '0'), name, health, seen, joined: this.#now - 900 * HOUR },
      labels: k % 5 === 4 ? {} : { room: ROOMS[k % 4]!, floor: String(k % 3) },
      ...{ version: '0.2.0', platform: 'linux arm64, Node 20.20.2', memory: 64e6, problem: null },
      ...{ machines: [this.#machine(k, health)], backups: [], shared: [] },
    };
  }

  #round(): RoundSummary {
    return {
      ...{ id: 'c0ffee0012345678', model: 'pump', channel: 'stable', base: 'b'.repeat(64), labels: {} },
      ...{ method: 'checked-sum', cohort: 10, most: 200, fewest: 8, deadline: this.#now + HOUR, parts: 12, taken: 0 },
      ...{ phase: 'open', reason: null, begun: this.#now - HOUR, begunBy: 'Ada', ended: null, resultSha256: null },
    };
  }

  #machine(k: number, health: Health): DeviceDetails['machines'][number] {
    const isNew = stateOf(k) === 'installed';
    return {
      ...{ machine: 'pump', model: 'pump', channel: 'stable', groups: [], state: isNew ? 'probation' : 'idle' },
      base: { ...BASES[isNew ? 1 : 0]!, carrying: 'carry', since: '2026-11-30T08:00:00Z' },
      ...{ former: isNew ? BASES[0]!.sha256 : null, candidate: null },
      refused: k === 3 ? [{ sha256: BASES[1]!.sha256, cause: 'model', reason: HOSTILE }] : [],
      ...{ readings: 12_345 + k, accuracy: { right: 88, of: 100 }, lessons: 42, alarms: k % 3, drift: k % 11 === 0 },
      ...{ pinned: false, problem: health === 'problem' ? 'the broker refuses the connection' : null },
      order: isNew ? { kind: 'install', sha256: BASES[1]!.sha256, carrying: 'carry', watch: true } : { kind: 'keep' },
      ...{ rollout: { id: 'r1', name: 'pump-8 everywhere' }, reported: this.#now - 30_000 },
    };
  }

  #rollout(id: string, name: string, phase: RolloutDetails['phase']): RolloutDetails {
    const begun = this.#now - 60 * HOUR;
    const count = (state: MachineState) => this.devices.filter((_, place) => stateOf(place) === state).length;
    return {
      ...{
        id,
        name,
        phase,
        model: 'pump',
        channel: 'stable',
        sha256: BASES[1]!.sha256,
        labels: {},
        plan: DEFAULT_PLAN,
      },
      ...{ waves: phase === 'waves' ? 1 : 0, since: this.#now - 5 * HOUR, paused: false, begun, begunBy: 'Ada' },
      ...{ approvals: [], waitsUntil: null },
      reason: phase === 'held' ? '14 days have not shown whether it is worse' : null,
      ...{ ended: null, machines: DEVICES, installed: count('installed'), exposed: count('installed') + 1 },
      states: Object.fromEntries(STATES.map((state) => [state, count(state)])) as RolloutDetails['states'],
      counts: { compared: 41_200, differed: 3100, labelled: 610, gained: 88, lost: 12 },
      ...{ judging: 198, evidence: { worse: 0.004, notWorse: 5.4 } },
      marks: DEFAULT_PLAN.waves.map((share, k) => ({
        ...{ share, machines: share * DEVICES, begun: phase === 'waves' && k === 0 ? this.#now - 5 * HOUR : null },
      })),
      expectedEnd: phase === 'held' ? null : this.#now + 67 * HOUR,
    };
  }
}

const HEALTHS: readonly Health[] = ['reporting', 'problem', 'silent', 'retired', 'revoked'];
const STATES: readonly MachineState[] = [
  'installed',
  'trying',
  'waiting',
  'silent',
  'pinned',
  'unoffered',
  'failed',
  'left',
  'gone',
];
const LABEL_KEYS = {
  items: [
    { key: 'room', devices: 8000 },
    { key: 'floor', devices: 8000 },
  ],
  next: null,
};

const isMember = ({ health }: Pick<DeviceDetails, 'health'>) => health !== 'retired' && health !== 'revoked';

function stateOf(place: number): MachineState {
  if (place === 77) return 'failed';
  if (place % 500 === 13) return 'pinned';
  if (place < 500) return place % 10 > 7 ? 'silent' : 'installed';
  return place < 700 ? 'trying' : 'waiting';
}

/** Part of a list, from where the part before it ended. */
function partOf<Item>(items: readonly Item[], query: URLSearchParams): PageOf<Item> {
  const [from, limit] = [Number(query.get('after') ?? 0), Number(query.get('limit') ?? 50)];
  return { items: items.slice(from, from + limit), next: from + limit < items.length ? String(from + limit) : null };
}

function roleOf({ headers }: IncomingMessage): Role | undefined {
  const roles = Object.keys(TOKENS) as Role[];
  return roles.find((role) => headers.authorization === `Bearer ${TOKENS[role]}`);
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const part of request) text += String(part);
  return text === '' ? {} : JSON.parse(text);
}

function replyJson(response: ServerResponse, { status = 200, body }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function replyFile(pathname: string, response: ServerResponse): Promise<void> {
  const name = pathname === '/' ? 'index.html' : pathname.slice(1);
  const bytes = await readFile(join(PAGE, name)).catch(() => undefined);
  if (bytes === undefined) response.writeHead(404).end();
  else response.writeHead(200, { 'content-type': TYPES[extname(name)] }).end(bytes);
}
