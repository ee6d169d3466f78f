import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ControllerClient, DEFAULT_PLAN, type RolloutDetails } from '@spikewire/fleet';
import { writeModel } from '@spikewire/models';
import { withCleanup } from 'spikewire/session';
import { startEmbeddedBroker } from '../broker.ts';
import { connectDemo } from '../motes-link.ts';
import type { DemoOptions } from '../options.ts';
import { Publisher } from '../update/publisher.ts';
import { pumpModel } from '../update/pump.ts';
import { House } from './house.ts';
import { SpikewireProcess } from './processes.ts';

const MODEL = 'pump';
const HOUSES = ['north', 'east', 'south'] as const;
/** Random neurons of each version: the third has too few to tell the states apart. */
const NEURONS = { v1: 8, v2: 32, v3: 1 } as const;
type Version = keyof typeof NEURONS;
const SEEDS: Readonly<Record<Version, number>> = { v1: 0, v2: 1, v3: 2 };

/** Seconds in which the devices learn before the second version, and in which it is held before it is approved. */
const LEARNING_SECONDS = 15;
const HELD_SECONDS = 5;
/** Answers of a house over which a share of right ones is taken. */
const STRETCH = 200;
const START_PATIENCE_MS = 60_000;
const RETRY_MS = 100;

/** All three devices try the base, and all are in the only wave. */
const PLAN = { ...DEFAULT_PLAN, shadow: 50, waves: [1], waveHours: 0 };

const HONEST = [
  'Three invented pumps. The controller and the three agents are real, each a process of its own; the repository and',
  '  its signatures are real, too, in a temporary folder. Devices report each second instead of each few minutes, and',
  '  each reading has a label. Three devices are too few to decide by labels alone: a good model waits for an approval.',
];

export interface FleetDemoOptions extends Pick<DemoOptions, 'signal' | 'say' | 'progress'> {
  readonly seed: number;
  /** Of the controller's page; 0: any free port. */
  readonly port: number;
  /** Gets the summary while everything is still open, and keeps it open as long as its promise. */
  readonly onSummary: (summary: FleetSummary, page: string) => Promise<void>;
}

export interface FleetSummary {
  /** Whether both rollouts have ended. */
  readonly complete: boolean;
  /** Shares of right answers of each house: before the second version, and at the end; null: none. */
  readonly houses: readonly { readonly name: string; readonly before: number | null; readonly atEnd: number | null }[];
  readonly v2: RolloutEnd | null;
  readonly v3: RolloutEnd | null;
}

export type RolloutEnd = Pick<RolloutDetails, 'phase' | 'reason' | 'counts' | 'exposed'>;

/** A fleet of three devices that takes a better model, and stops a worse one before it answers anywhere. */
export function runFleetDemo(options: FleetDemoOptions): Promise<void> {
  return withCleanup(async (closers) => {
    const folder = await mkdtemp(join(tmpdir(), 'spikewire-demo-fleet-'));
    closers.push(() => rm(folder, { recursive: true, force: true }));
    for (const line of HONEST) options.say(line);
    const publisher = await Publisher.begin(folder);
    await publisher.publish(MODEL, modelOf('v1', options.seed));
    const { client, url, token } = await startController(closers, folder, publisher, options);
    options.say(`page ${url}; sign in with ${token}`);
    const houses = await startDevices(closers, { folder, publisher, client, url, options });
    const play = new Play({ publisher, client, houses, options });
    await play.run();
    await options.onSummary(play.summary, url);
  });
}

type Closers = (() => Promise<unknown>)[];

function modelOf(version: Version, seed: number) {
  return pumpModel(seed + SEEDS[version], NEURONS[version]);
}

async function startController(closers: Closers, folder: string, publisher: Publisher, options: FleetDemoOptions) {
  const own = join(folder, 'controller');
  const port = await freePort(options);
  const root = join(publisher.folder, 'metadata', '1.root.json');
  const controller = new SpikewireProcess('fleet serve', [
    ...['fleet', 'serve', '--folder', own, '--port', String(port), '--every', '1'],
    ...['--repository', publisher.folder, '--root', root],
  ]);
  closers.push(() => controller.close());
  const url = `http://127.0.0.1:${port}`;
  const file = join(own, 'administrator.token');
  const token = await patiently(options.signal, controller, async () => {
    const token = (await readFile(file, 'utf8')).trim();
    await new ControllerClient(new URL(url), token).get('/v1/status');
    return token;
  });
  return { client: new ControllerClient(new URL(url), token), url, token };
}

/** The one that was asked for, unless it is taken. */
async function freePort({ port, say }: FleetDemoOptions): Promise<number> {
  const found = await portOrError(port);
  if (typeof found === 'number') return found;
  say(`page: port ${port} is in use (${found.message}); taking a free port instead`);
  return (await portOrError(0)) as number;
}

function portOrError(port: number): Promise<number | Error> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', resolve);
    server.listen(port, '127.0.0.1', () => {
      const { port: found } = server.address() as { port: number };
      server.close(() => resolve(found));
    });
  });
}

interface Surroundings {
  readonly folder: string;
  readonly publisher: Publisher;
  readonly client: ControllerClient;
  readonly url: string;
  readonly options: FleetDemoOptions;
}

/** A process for each pump house, and the pumps. */
async function startDevices(closers: Closers, surroundings: Surroundings): Promise<House[]> {
  const { client, options } = surroundings;
  const broker = await startEmbeddedBroker();
  closers.push(() => broker.close());
  const link = await connectDemo(broker.url, { role: 'pumps', seed: options.seed, say: options.say });
  closers.push(() => link.close());
  const ending = new AbortController();
  const houses = HOUSES.map((name, k) => new House(name, options.seed + k));
  const { token } = await client.send<{ token: string }>('POST', '/v1/tokens', {
    labels: {},
    hours: 1,
    uses: houses.length,
  });
  for (const house of houses) {
    const device = await startDevice(house, token, broker.url, surroundings);
    closers.push(() => device.close());
  }
  const living = houses.map((house) => house.live(link, AbortSignal.any([options.signal, ending.signal])));
  closers.push(async () => {
    ending.abort();
    await Promise.all(living);
  });
  options.say(`three devices join, and fetch v1 with ${NEURONS.v1} neurons: ${HOUSES.join(', ')}`);
  return houses;
}

async function startDevice(
  { name, topic }: House,
  token: string,
  broker: string,
  { folder, publisher, url }: Surroundings,
): Promise<SpikewireProcess> {
  const own = join(folder, name);
  await mkdir(own);
  const machine = { stream: { in: topic, out: `${topic}/state` }, threads: 0 };
  await writeFile(join(own, 'agent.json'), JSON.stringify({ machines: { [MODEL]: machine } }));
  return new SpikewireProcess(`agent ${name}`, [
    ...['agent', '--folder', join(own, 'agent'), '--config', join(own, 'agent.json'), '--mqtt', broker],
    ...['--repository', publisher.folder, '--root', join(publisher.folder, 'metadata', '1.root.json')],
    ...['--controller', url, '--join', token, '--device-name', name],
  ]);
}

/** Asks again and again until the answer is as wanted, or the signal ends it: then the last answer. */
async function until<T>(
  client: ControllerClient,
  path: string,
  isSo: (answer: T) => boolean,
  signal: AbortSignal,
): Promise<T> {
  for (;;) {
    const answer = await client.get<T>(path);
    if (isSo(answer) || signal.aborted) return answer;
    await pause(RETRY_MS, undefined, { signal }).catch(() => {}); // ended
  }
}

/** Tries again while a process starts. */
async function patiently<T>(signal: AbortSignal, process: SpikewireProcess, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  for (;;) {
    try {
      return await work();
    } catch (failure) {
      process.expectRunning();
      if (signal.aborted || performance.now() - start > START_PATIENCE_MS) throw failure;
      await pause(RETRY_MS, undefined, { signal }).catch(() => {}); // ended
    }
  }
}

interface Players {
  readonly publisher: Publisher;
  readonly client: ControllerClient;
  readonly houses: readonly House[];
  readonly options: FleetDemoOptions;
}

/** Who publishes versions, begins rollouts and approves one, and tells what comes of it. */
class Play {
  readonly #players: Players;
  readonly #began = performance.now();
  readonly #ends: Partial<Record<Version, RolloutEnd>> = {};
  #before: (number | null)[] = [];

  constructor(players: Players) {
    this.#players = players;
  }

  async run(): Promise<void> {
    const { client, houses, options } = this.#players;
    const { signal } = options;
    const isEverywhere = (found: { items: readonly { installed: number }[] }) =>
      found.items[0]?.installed === houses.length;
    await until(client, '/v1/offers', isEverywhere, signal);
    this.#tell('v1 answers in all houses; each device learns what its own pump looks like, while its sensors drift');
    await pause(1000 * LEARNING_SECONDS, undefined, { signal }).catch(() => {}); // ended
    this.#before = this.#right;
    await this.#rollOut('v2', `with ${NEURONS.v2} neurons`);
    await this.#rollOut('v3', `with a fault: ${NEURONS.v3} neuron instead of ${NEURONS.v2}`);
  }

  async #rollOut(version: Version, what: string): Promise<void> {
    const { publisher, client, options } = this.#players;
    const { seed, signal, progress } = options;
    if (signal.aborted) return;
    const model = modelOf(version, seed);
    await publisher.publish(MODEL, model);
    const sha256 = createHash('sha256').update(writeModel(model)).digest('hex');
    const request = { name: `pump ${version}`, model: MODEL, channel: 'stable', sha256, labels: {}, plan: PLAN };
    const { id } = await client.send<{ id: string }>('POST', '/v1/rollouts', request);
    this.#tell(
      `${version} is published, signed, ${what}; a rollout begins: it runs beside the present base everywhere`,
    );
    let phase = '';
    const end = await until<RolloutDetails>(
      client,
      `/v1/rollouts/${id}`,
      (rollout) => {
        progress(this.#lineOf(version, rollout));
        if (rollout.phase === 'held' && phase !== 'held') void this.#approveLater(version, rollout);
        phase = rollout.phase;
        return rollout.phase === 'done' || rollout.phase === 'stopped';
      },
      signal,
    );
    this.#ends[version] = end;
    this.#tell(`${version}: ${wordsOf(end)}`);
  }

  /** A person would look at the page. */
  async #approveLater(version: Version, { id, reason }: RolloutDetails): Promise<void> {
    const { client, options } = this.#players;
    this.#tell(
      `${version} is held: ${reason}; the demo approves it in ${HELD_SECONDS} s, unless you do so on the page`,
    );
    await pause(1000 * HELD_SECONDS, undefined, { signal: options.signal }).catch(() => {}); // ended
    await client.send('POST', `/v1/rollouts/${id}/approve`).catch(({ message }: Error) => options.say(message));
  }

  #lineOf(version: Version, { counts, evidence, states, exposed }: RolloutDetails): string {
    const { compared, differed, gained, lost } = counts;
    const trying = states.trying ?? 0;
    return (
      `${version}: tried on ${trying}, answers on ${exposed}; ${compared} readings, ${differed} differ, ` +
      `better in ${gained}, worse in ${lost}; e-values ${short(evidence.notWorse)} not worse, ` +
      `${short(evidence.worse)} worse`
    );
  }

  get #right(): (number | null)[] {
    return this.#players.houses.map(({ score }) => score.last(STRETCH));
  }

  #tell(line: string): void {
    const seconds = ((performance.now() - this.#began) / 1000).toFixed(0).padStart(4);
    this.#players.options.say(`${seconds} s: ${line}`);
  }

  get summary(): FleetSummary {
    const { v2 = null, v3 = null } = this.#ends;
    const atEnd = this.#right;
    return {
      complete: v2?.phase === 'done' && v3?.phase === 'stopped',
      houses: this.#players.houses.map(({ name }, k) => ({
        ...{ name, before: this.#before[k] ?? null, atEnd: atEnd[k] ?? null },
      })),
      ...{ v2, v3 },
    };
  }
}

function wordsOf({ phase, reason, exposed, states }: RolloutDetails): string {
  if (phase === 'done') return `the rollout is done: it answers on ${states.installed ?? 0} devices`;
  if (phase === 'stopped') return `the rollout is stopped, and it answered on ${exposed} devices: ${reason}`;
  return `the rollout is ${phase}`;
}

function short(value: number): string {
  return value >= 1000 ? value.toExponential(0) : value.toFixed(1);
}
