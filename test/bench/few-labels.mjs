import { classifierModel, featureCandidates, RandomGenerator } from '@spikewire/models';
import { engineNamed } from 'spikewire';
import { InProcessExecutor } from 'spikewire/executor';
import { Session } from 'spikewire/session';
import { machine } from './few-labels/machine.mjs';
import { meanAndDeviation, Nearest } from './few-labels/nearest.mjs';

export const title = 'few-labels: a new classifier after a few labels of each state, beside the nearest neighbour';

/** Chosen on the first, reported on the others. */
const SEEDS = { chosen: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], reported: [101, 102, 103, 104, 105] };
/** Machines of a seed. */
const MACHINES = 4;
/** Labels of each state, and readings in the quietest state before the first: a whole warm-up, or what an answer takes. */
const CASES = [
  { labels: 3, before: 256 },
  { labels: 10, before: 256 },
  { labels: 3, before: 24 },
];
/** As `new classifier` takes single readings: a window of sixteen with every eighth. */
const [{ stages: features }] = featureCandidates({ block: 1 });
const [BLOCK, STAY, TESTED_STAYS] = [16, 32, 60];

/** A new classifier, and the nearest neighbours of the same blocks, on the machine of a seed. */
async function judge(seed, { labels, before }) {
  const { states, channels, stay, next } = machine(seed);
  const model = classifierModel({ channels, features, seed });
  const session = new Session(model, new InProcessExecutor(engineNamed('clocked'), model));
  const nearest = { raw: new Nearest({ scaled: false }), scaled: new Nearest({ scaled: true }) };
  const random = new RandomGenerator(seed, 'order');
  const block = [];
  let time = 0;
  /** Outcomes of a stay in a state, each with the block that it is about. */
  const visit = async (state, readings = STAY) => {
    const outcomes = [];
    stay();
    for (let k = 0; k < readings; k++) {
      const values = next(state);
      block.push(values);
      if (block.length > BLOCK) block.shift();
      const outcome = await session.feed({ time: time++, values });
      const isWhole = k + 1 >= BLOCK && (k + 1) % (BLOCK / 2) === 0;
      if (isWhole) outcomes.push({ x: meanAndDeviation(block), ...outcome });
    }
    return outcomes;
  };
  for (let k = 0; k < before; k += STAY) await visit(0, Math.min(STAY, before - k));
  for (let round = 0; round < labels; round++) {
    for (const state of shuffled(states, random)) {
      const { x } = (await visit(state)).at(-1);
      await session.teach({ kind: 'label', label: `state ${state}`, time: undefined });
      for (const each of Object.values(nearest)) each.learn(x, state);
    }
  }
  const tested = Array.from({ length: states }, () => 0);
  const right = { ours: 0, likeliest: 0, raw: 0, scaled: 0 };
  for (let k = 0; k < TESTED_STAYS; k++) {
    const state = random.nextInteger(states);
    for (const { x, result, likeliest = result } of await visit(state)) {
      tested[state]++;
      if (result === `state ${state}`) right.ours++;
      if (likeliest === `state ${state}`) right.likeliest++;
      if (nearest.raw.answer(x) === state) right.raw++;
      if (nearest.scaled.answer(x) === state) right.scaled++;
    }
  }
  await session.close();
  const count = tested.reduce((sum, each) => sum + each, 0);
  const shares = Object.entries({ ...right, majority: Math.max(...tested) }).map(([name, n]) => [name, n / count]);
  return Object.fromEntries(shares);
}

function shuffled(count, random) {
  const list = Array.from({ length: count }, (_, k) => k);
  for (let k = count - 1; k > 0; k--) {
    const other = random.nextInteger(k + 1);
    [list[k], list[other]] = [list[other], list[k]];
  }
  return list;
}

/** `quick`: one machine of one seed; `seeds`: of these alone. */
export async function run({ quick = false, seeds: asked } = {}) {
  const rows = [];
  const others = asked ? { asked } : SEEDS;
  for (const [kind, seeds] of Object.entries(quick ? { chosen: [1] } : others)) {
    for (const each of CASES) {
      for (const seed of seeds) {
        for (let k = 0; k < (quick ? 1 : MACHINES); k++) {
          rows.push({ kind, ...each, seed, machine: k, ...(await judge(MACHINES * seed + k, each)) });
        }
      }
    }
  }
  return { rows };
}

export function table({ rows }) {
  const lines = [
    [
      'seeds',
      'labels of a state',
      'readings before',
      'ours',
      'ours, or likeliest',
      '1-NN',
      '1-NN, scaled',
      'most frequent',
    ],
    ['---', '---', '---', '---', '---', '---', '---', '---'],
  ];
  for (const kind of new Set(rows.map((row) => row.kind))) {
    for (const { labels, before } of CASES) {
      const own = rows.filter((row) => row.kind === kind && row.labels === labels && row.before === before);
      const mean = (key) => (own.reduce((sum, row) => sum + 100 * row[key], 0) / own.length).toFixed(1);
      const seeds = [...new Set(own.map(({ seed }) => seed))].join(', ');
      const shares = ['ours', 'likeliest', 'raw', 'scaled', 'majority'].map(mean);
      lines.push([`${kind}: ${seeds}`, labels, before, ...shares]);
    }
  }
  return `${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`;
}
