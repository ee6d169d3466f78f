import { anomalyModel, RandomGenerator } from '@spikewire/models';
import { engineNamed } from 'spikewire';
import { InProcessExecutor } from 'spikewire/executor';
import { Session } from 'spikewire/session';
import { faults } from './faults/injected.mjs';
import { streams } from './faults/streams.mjs';

export const title =
  'faults: what each monitor finds of injected faults, after how many readings, and its false alarms';

const SEEDS = [11, 12, 13, 14, 15];
/** Readings until every monitor knows what is usual, with room. */
const FRESH = 4000;
/** Readings that count for false alarms. */
const CALM = 10_000;
const INTERVAL = 1000;
const JITTER = 0.02;

/** What a detector may have been through before a fault: readings, or so many absurd ones, moved by an offset. */
const states = [
  { name: 'fresh', phases: [] },
  { name: 'after a move', phases: [{ readings: 500, offset: 3 }], offset: 3 },
  { name: 'after twenty outliers', phases: [{ readings: 20, value: 85 }, { readings: 100 }] },
  { name: 'after 20,000', phases: [{ readings: 20_000 }] },
];

const QUICK = ['fresh', 'after twenty outliers'];

/** A net on a stream under a clock of our own, one reading or none in each interval. */
class Watched {
  alarms = {};
  #now = 0;
  #random;
  #session;

  constructor(model, seed) {
    this.#random = new RandomGenerator(seed, 'clock');
    this.#session = new Session(model, new InProcessExecutor(engineNamed('clocked'), model), {
      clock: () => this.#now,
    });
  }

  /** Monitors that flag a reading, or its absence. */
  async take(values) {
    this.#now += 1000 * INTERVAL * (1 + JITTER * this.#random.nextNormal());
    const verdicts =
      values === undefined
        ? await this.#session.tick()
        : (await this.#session.feed({ time: this.#now / 1000, values: Float64Array.from(values) })).verdicts;
    for (const { monitor, alarm } of verdicts) if (alarm) this.#count(monitor);
    if (verdicts.some(({ alarm }) => alarm)) this.#count('any');
    return verdicts.flatMap(({ monitor, anomaly, reason }) => (anomaly ? [{ monitor, reason }] : []));
  }

  #count(name) {
    this.alarms[name] = (this.alarms[name] ?? 0) + 1;
  }

  save = () => this.#session.save();

  static async open(model, seed, state) {
    const watched = new Watched(model, seed);
    await watched.#session.restore(state);
    return watched;
  }
}

const moved = ([first, ...others], offset = 0) => [first + offset, ...others];

/** Brings a net into a state; how far its stream is then, and what it had read last. */
async function bring(model, stream, { phases }, seed) {
  const watched = new Watched(model, seed);
  const source = stream.start(seed);
  let [read, last] = [0, []];
  for (const { readings, offset, value } of [{ readings: FRESH }, ...phases]) {
    for (let k = 0; k < readings; k++, read++) {
      const [first, ...others] = moved(source(), offset);
      last = [value ?? first, ...others];
      await watched.take(last);
    }
  }
  return { saved: await watched.save(), read, last };
}

/** First reading of a fault, from 1, that each monitor flags and would not flag without it; and what it says. */
async function inject(model, stream, state, fault, before, seed) {
  const continued = () => {
    const source = stream.start(seed);
    for (let k = 0; k < before.read; k++) source();
    return (speed) => moved(source(speed), state.offset);
  };
  const random = new RandomGenerator(seed, fault.name);
  const faulty = fault.begin(continued(), { ...stream, last: before.last, random });
  const healthy = continued();
  const nets = [await Watched.open(model, seed, before.saved), await Watched.open(model, seed, before.saved)];
  const found = {};
  for (let k = 1; k <= fault.lasts; k++) {
    const flagged = await nets[0].take(faulty());
    const anyway = await nets[1].take(healthy());
    for (const { monitor, reason } of flagged) {
      if (anyway.some((other) => other.monitor === monitor)) continue;
      found[monitor] ??= { delay: k, reason };
    }
  }
  return found;
}

async function falseAlarms(model, stream, seed) {
  const { saved, read } = await bring(model, stream, states[0], seed);
  const watched = await Watched.open(model, seed, saved);
  const source = stream.start(seed);
  for (let k = 0; k < read; k++) source();
  const flagged = {};
  for (let k = 0; k < CALM; k++) {
    const flags = await watched.take(source());
    for (const { monitor } of flags) flagged[monitor] = (flagged[monitor] ?? 0) + 1;
    if (flags.length > 0) flagged.any = (flagged.any ?? 0) + 1;
  }
  return { falseAlarms: watched.alarms, flagged };
}

/** One setting for all streams. `quick`: two streams, fresh and after outliers, one seed, and no false alarms. */
export async function run({ quick = false, seeds = quick ? SEEDS.slice(0, 1) : SEEDS } = {}) {
  const [rows, calm] = [[], []];
  for (const seed of seeds) {
    for (const stream of quick ? streams.slice(0, 2) : streams) {
      const model = anomalyModel({ channels: stream.channels });
      for (const state of quick ? states.filter(({ name }) => QUICK.includes(name)) : states) {
        const before = await bring(model, stream, state, seed);
        for (const fault of faults) {
          const found = await inject(model, stream, state, fault, before, seed);
          rows.push({ fault: fault.name, stream: stream.name, state: state.name, seed, found });
        }
      }
      if (!quick) calm.push({ stream: stream.name, seed, readings: CALM, ...(await falseAlarms(model, stream, seed)) });
    }
  }
  const monitors = anomalyModel({ channels: [{ name: 'level', unit: 'm' }] }).monitors.map(({ type }) => type);
  return { monitors, rows, calm, missed: rows.filter(({ found }) => Object.keys(found).length === 0) };
}

export function table({ monitors, rows, calm, missed }) {
  const columns = [...monitors, 'any'];
  const lines = [
    ['fault', ...columns],
    ['---', ...columns.map(() => '---')],
  ];
  for (const fault of new Set(rows.map((row) => row.fault))) {
    const own = rows.filter((row) => row.fault === fault);
    const any = own.map(({ found }) => Math.min(...Object.values(found).map(({ delay }) => delay)));
    lines.push([fault, ...monitors.map((name) => cell(own.map(({ found }) => found[name]?.delay))), cell(any)]);
  }
  for (const stream of new Set(calm.map((each) => each.stream))) {
    const own = calm.filter((each) => each.stream === stream);
    const mean = (of) => Number((own.reduce((sum, each) => sum + of(each), 0) / own.length).toFixed(1));
    const cells = columns.map((name) => {
      return `${mean(({ falseAlarms }) => falseAlarms[name] ?? 0)} (${mean(({ flagged }) => flagged[name] ?? 0)})`;
    });
    lines.push([`false alarms (readings flagged), ${stream}`, ...cells]);
  }
  const text = lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  const misses = missed.map(({ fault, stream, state, seed }) => `${fault} on ${stream}, ${state}, seed ${seed}`);
  const cases = rows.length / new Set(rows.map((row) => row.fault)).size;
  const missedByAll = misses.join('; ') || 'none';
  return `found of ${cases} cases, median delay in readings\n${text}\nmissed by all: ${missedByAll}\n`;
}

function cell(delays) {
  const found = delays.filter((delay) => Number.isFinite(delay)).sort((a, b) => a - b);
  return found.length === 0 ? '–' : `${found.length} (${found[Math.floor((found.length - 1) / 2)]})`;
}
