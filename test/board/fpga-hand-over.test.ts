import { mkdtemp, rm, symlink, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acceleratorDrivers } from '@spikewire/devices/accelerators';
import {
  type Model,
  NetworkBuilder,
  nextReadingModel,
  quantize,
  RandomGenerator,
  readLearned,
  readSafetensors,
  writeModel,
} from '@spikewire/models';
import { engineNamed } from 'spikewire';
import { type ExecutorSource, executorSourceOf, inProcess, placementOn } from 'spikewire/executor';
import { Session } from 'spikewire/session';
import { expect, it, type TestContext, vi } from 'vitest';
import { startBoard } from './simulated-fpga.ts';

/** Readings of a stream; 10,000 by command. */
const READINGS = Number(process.env.SPIKEWIRE_FPGA_READINGS ?? 400);
/** Of all readings, a lesson after each of so many. */
const EVERY = 3;
const MOST_SECONDS = 1800;
const STATES = { idle: [-0.6, -0.5], running: [0.6, -0.4], fault: [0, 0.7] } as const;

/** A random front in 8 bits, and a read-out that is taught by labels on this machine. */
function taughtNet(): Model {
  const random = new RandomGenerator(1, 'front');
  const rest = Array.from({ length: 60 }, () => random.nextUniform());
  const net = new NetworkBuilder({ dt: 0.001, seed: 1 });
  const input = net.input('in', 2, { type: 'direct', parameters: { range: [-1, 1] } });
  const cells = net.population('cells', 60, { type: 'LIF', tau: 0.008, r: 1, v_threshold: 1, v_leak: rest });
  net.connect(input, cells, { weights: { normal: [0, 1.5] } });
  net.output('out', cells, { type: 'teachable', parameters: { mostClasses: 4 } });
  // It continues from reading to reading, so that a membrane which differs once shows in all later answers.
  const model = net.model({ sample: { steps: 12, between: 'continue' }, labels: Object.keys(STATES) });
  return quantize(model, { bits: 8 });
}

/** A net that learns in itself, from each reading, what comes next. */
function learningNet(): Model {
  const channels = ['level', 'flow'].map((name) => ({ name, unit: '' }));
  return quantize(nextReadingModel({ channels, neurons: 40, rangeWarmUp: 10, monitor: { warmUp: 10 } }), { bits: 8 });
}

function readingOf(k: number) {
  const random = new RandomGenerator(k, 'reading');
  const names = Object.keys(STATES) as (keyof typeof STATES)[];
  const label = names[Math.floor(k / 7) % names.length]!;
  return {
    label,
    reading: { time: 1000 * k, values: Float64Array.from(STATES[label], (x) => x + 0.2 * random.nextNormal()) },
  };
}

interface Followed {
  readonly answers: unknown[];
  readonly state: Uint8Array;
  /** Where the net ran, one after the other. */
  readonly places: string[];
}

/** What happens at a reading, before it and while the net runs it; another session may continue. */
interface Event {
  readonly at: number;
  readonly before?: (session: Session) => Promise<Session>;
  readonly during?: () => void;
}

async function follow(first: Session, { labels }: Model, events: readonly Event[] = []): Promise<Followed> {
  let session = first;
  const answers: unknown[] = [];
  const places = [session.executor.name];
  for (let k = 0; k < READINGS; k++) {
    const event = events.find(({ at }) => at === k);
    if (event?.before !== undefined) session = await event.before(session);
    const { label, reading } = readingOf(k);
    const outcome = session.feed(reading);
    // By then the window is under way, and nobody has read an answer of the board.
    if (event?.during !== undefined) setImmediate(event.during);
    const { result, verdict, sequence } = await outcome;
    answers.push([sequence, result, verdict]);
    if (session.executor.name !== places.at(-1)) places.push(session.executor.name);
    if (k % EVERY === 0 && labels.length > 0) await session.teach({ kind: 'label', label, time: undefined });
  }
  const state = await session.save();
  await session.close();
  return { answers, state, places };
}

/** A board behind a name that stays, such as those in /dev/serial/by-id, which can be unplugged and plugged in. */
async function pluggable(context: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'spikewire-plug-'));
  context.onTestFinished(() => rm(folder, { recursive: true }));
  const name = join(folder, 'board');
  let board: Awaited<ReturnType<typeof startBoard>>['board'];
  const plugIn = async () => {
    const started = await startBoard(context, { line: 'bytes' });
    board = started.board;
    await unlink(name).catch(() => {});
    await symlink(started.path, name);
  };
  await plugIn();
  return {
    address: `fpga:${name}`,
    plugIn,
    /** Ends its process at once. */
    kill: () => void board.kill('SIGKILL'),
    /** Lets it close its pty. */
    closePty: () => void board.stdin!.end(),
  };
}

const seconds = (from: number) => ((performance.now() - from) / 1000).toFixed(1);

it.for([
  ['a read-out here', taughtNet],
  ['its own connection', learningNet],
] as const)(
  `a net that teaches %s goes from a board to this machine and back, five times, in ${READINGS} readings`,
  {
    timeout: 1000 * MOST_SECONDS,
  },
  async ([, netOf], context) => {
    const model = netOf();
    const bytes = writeModel(model);
    const { address, plugIn, kill, closePty } = await pluggable(context);
    const lines: string[] = [];
    const source = await executorSourceOf(address, { drivers: acceleratorDrivers, warn: (line) => lines.push(line) });
    context.onTestFinished(() => source.close());
    const { problems, nodes } = await placementOn(source, model);
    expect([...problems, ...nodes.flatMap(({ problem = [] }) => problem)]).toEqual([]);
    const here = inProcess(engineNamed('integer'), {});
    const open = async (at: ExecutorSource) =>
      new Session(model, await at.open(bytes), { clock: () => 0, now: () => 0, lessonsPerDay: READINGS });

    const begun = performance.now();
    const stayed = await follow(await open(here), model);
    const [onBoard, between] = [seconds(begun), performance.now()];
    const plugInAndWait = async (session: Session) => {
      await plugIn();
      await vi.waitFor(() => expect(session.executor.name).toMatch(/^fpga /), { timeout: 60_000, interval: 50 });
      return session;
    };
    const handOver = async (session: Session) => {
      const next = await open(here);
      expect((await next.restore(await session.save())).learnedOnly).toBeUndefined();
      await session.close();
      return next;
    };
    const at = (share: number) => Math.floor(share * READINGS);
    const moved = await follow(await open(source), model, [
      { at: at(0.2), during: kill },
      { at: at(0.35), before: plugInAndWait },
      { at: at(0.5), during: closePty },
      { at: at(0.65), before: plugInAndWait },
      { at: at(0.8), before: handOver },
    ]);
    console.log(`${READINGS} readings in ${onBoard} s here, and in ${seconds(between)} s with five hand-overs`);

    const [board, worker] = [`fpga ${address.slice('fpga:'.length)}`, 'integer (worker)'];
    expect(moved.places).toEqual([board, worker, board, worker, board, 'integer']);
    expect(moved.answers).toEqual(stayed.answers);
    expect(learnedOf(moved.state)).toEqual(learnedOf(stayed.state));
    expect(Buffer.compare(moved.state, stayed.state)).toBe(0);
    // A longer stream also looks for the board while it is unplugged, and says so.
    const moves = lines.filter((line) => !line.endsWith('the search for it continues'));
    const back = `${board}: is available again; 1 net continues on it`;
    const away = expect.stringMatching(/; nets continue on integer \(worker\)$/);
    expect(moves).toEqual([away, back, away, back]);
    // The stream and what is learned are worth comparing.
    const right = stayed.answers.filter((answer, k) => (answer as unknown[])[1] === readingOf(k).label).length;
    if (netOf === taughtNet) expect(right).toBeGreaterThan(0.7 * READINGS);
  },
);

function learnedOf(state: Uint8Array) {
  const { tensors } = readSafetensors(state, { allowNonFinite: true });
  return readLearned(tensors.get('engine')!.data as Uint8Array);
}
