import { anomalyModel } from '@spikewire/models';
import { engineNamed } from 'spikewire';
import { InProcessExecutor } from 'spikewire/executor';
import { Session } from 'spikewire/session';
import { faults } from './machines/faults.mjs';
import { machines } from './machines/machines.mjs';
import { alone, FRESH, inARow, play } from './machines/play.mjs';
import { kMeansOfLags, zOfDifferences, zScore } from './machines/simple-detectors.mjs';
import { episodes, Tally } from './machines/tally.mjs';

export const title = 'machines: ten kinds of fault in five invented machines, beside what others would use';

/** The limits of the simple detectors are chosen on the first, per machine. */
const [DESIGN_SEEDS, SEEDS] = [
  [1, 2, 3],
  [501, 502, 503, 504, 505],
];
/** Our detector as it comes, with a warm-up of three rounds of the machine: the monitors that raise an alarm. */
function ours({ channels, warmUp }) {
  const model = anomalyModel({ channels, warmUp });
  let now = 0;
  const executor = new InProcessExecutor(engineNamed('clocked'), model);
  const session = new Session(model, executor, { clock: () => now, warmUp });
  return async ({ at, values }) => {
    now = at;
    const verdicts =
      values === undefined
        ? await session.tick()
        : (await session.feed({ time: at / 1000, values: Float64Array.from(values) })).verdicts;
    return verdicts.filter(({ alarm }) => alarm).map(({ monitor }) => monitor);
  };
}

const simple = [
  { name: 'z-score', make: zScore },
  { name: 'z of differences', make: zOfDifferences },
  { name: 'k-means of lagged values', make: (channels) => kMeansOfLags(channels, FRESH / 2) },
];

async function judge(readings, detector) {
  const tally = new Tally();
  for (const reading of readings) tally.add(reading, await detector(reading));
  return { found: tally.found, falseAlarms: tally.falseAlarms };
}

/** Readings that the simple detectors only learn from; alarms, and the share of readings above the limit, at most. */
const [LEARNING, MOST_FALSE, MOST_FLAGGED] = [400, 1, 0.01];

/** The lowest limit with no more than one false alarm, of few readings, on any stream without a fault. */
function limitOf(machine, make, seeds) {
  const streams = seeds.map((seed) => {
    const score = scoreAfterLearning(machine, make);
    return [...play(machine, seed, () => [])].map(({ values }) => score(values));
  });
  const isRare = (scores, limit) => scores.filter((score) => score > limit).length <= MOST_FLAGGED * scores.length;
  const isCalm = (limit) => streams.every((scores) => isRare(scores, limit) && episodes(scores, limit) <= MOST_FALSE);
  let [low, high] = [0, 1];
  while (!isCalm(high)) [low, high] = [high, 2 * high];
  for (let k = 0; k < 30; k++) {
    const middle = (low + high) / 2;
    if (isCalm(middle)) high = middle;
    else low = middle;
  }
  return high;
}

function scoreAfterLearning(machine, make) {
  const score = make(machine.channels.length);
  let readings = 0;
  return (values) => {
    const own = score(values);
    return ++readings > LEARNING ? own : 0;
  };
}

function withLimit(machine, { name, make }, limit) {
  const score = scoreAfterLearning(machine, make);
  return ({ values }) => (values !== undefined && score(values) > limit ? [name] : []);
}

/** `quick`: one machine, one seed, each fault alone. */
export async function run({ quick = false, seeds = quick ? [1] : SEEDS } = {}) {
  const rows = [];
  for (const machine of quick ? machines.slice(2, 3) : machines) {
    const limits = simple.map(({ make }) => limitOf(machine, make, DESIGN_SEEDS));
    const detectors = [
      { name: 'spikewire', start: () => ours(machine) },
      ...simple.map((each, k) => ({ name: each.name, start: () => withLimit(machine, each, limits[k]) })),
    ];
    for (const seed of seeds) {
      for (const [k, order] of [...alone, ...(quick ? [] : [inARow])].entries()) {
        const readings = [...play(machine, seed, order)];
        const way = k < alone.length ? 'alone' : 'in a row';
        for (const { name, start } of detectors)
          rows.push({ machine: machine.name, seed, way, detector: name, ...(await judge(readings, start())) });
      }
    }
  }
  return { rows, faults: faults.map(({ name }) => name) };
}

export function table({ rows, faults }) {
  const ways = [...new Set(rows.map(({ way }) => way))];
  return ways
    .map((way) =>
      wayTable(
        way,
        rows.filter((row) => row.way === way),
        faults,
      ),
    )
    .join('\n');
}

function wayTable(way, rows, faults) {
  const names = [...new Set(rows.map(({ detector }) => detector))];
  const machines = [...new Set(rows.map(({ machine }) => machine))];
  const seeds = new Set(rows.map(({ seed }) => seed)).size;
  const share = (count) => Number((count / seeds).toFixed(1));
  const of = (name) => rows.filter(({ detector }) => detector === name);
  const lines = [
    [`each ${way}: found, means of ${seeds} seeds`, ...names],
    ['---', ...names.map(() => '---')],
    ...faults.map((fault) => [
      `${fault}, of ${machines.length}`,
      ...names.map((name) => share(of(name).filter(({ found }) => found[fault]).length)),
    ]),
    [
      `all, of ${machines.length * faults.length}`,
      ...names.map((name) => share(of(name).reduce((sum, { found }) => sum + Object.keys(found).length, 0))),
    ],
    ...machines.map((machine) => [
      `false alarms a stream, ${machine}: mean (most)`,
      ...names.map((name) => falseAlarms(of(name).filter((row) => row.machine === machine))),
    ]),
  ];
  return `${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`;
}

function falseAlarms(rows) {
  const counts = rows.map((row) => row.falseAlarms.length);
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return `${Number(mean.toFixed(2))} (${Math.max(...counts)})`;
}
