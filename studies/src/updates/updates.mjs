// What becomes of a device that has learned for half of a recorded stream when another base comes.
import { mkdirSync, writeFileSync } from 'node:fs';
import { RandomGenerator } from '@spikewire/models';
import { mean, percent } from '../shared/figures.mjs';
import { table } from '../shared/page.mjs';
import { basesOf } from './bases.mjs';
import { curves } from './curves.mjs';
import { countsOf, courses } from './device.mjs';
import { choice, RUNS, trialsAt } from './gate-runs.mjs';
import { frontOf, labelsOf, loaded, streams } from './streams.mjs';

const WAYS = ['carry', 'rebase', 'reset', 'replaced'];
const HINDSIGHT = [
  'best way chosen, %',
  'within 1 point of it, %',
  'over 2 points worse than no update, %',
  'mean loss, points',
];
const QUALITIES = ['better', 'equal', 'worse', 'broken'];
const LOADED_FOLDERS = { gas: 'gas-drift', hapt: 'hapt', mitdb: 'mitdb' };

export const rows = Object.fromEntries(Object.keys(streams).map((name) => [name, LOADED_FOLDERS[name]]));
export const options = {
  seeds: { default: '1,2,3', quick: '1', help: 'seeds of fronts, bases and labels' },
  pictures: { default: '', help: 'folder for the curves as SVG; none where absent' },
  json: { default: '', help: 'file for all figures as JSON; none where absent' },
};

const runName = (name, seed) => `${name}-${seed}`;

export function steps(site) {
  return site.seeds.flatMap((seed) =>
    site.chosen.map((name) => ({
      title: `${name}, seed ${seed}`,
      measure: () => site.kept(runName(name, seed), () => measured(site, name, seed)),
    })),
  );
}

async function measured(site, name, seed) {
  const started = performance.now();
  const { classes, others, streams: own } = await loaded(name, site.data, seed, site.isQuick);
  const front = frontOf(others, classes, seed);
  const counts = await countsOf(front, others);
  const pool = others.map((sample, k) => ({ label: sample.label, counts: counts[k] }));
  const runs = [];
  for (const [k, samples] of own.entries()) {
    const half = Math.floor(samples.length / 2);
    const seen = await countsOf(front, samples);
    const tested = samples.slice(half).map(({ label }, i) => ({ label, counts: seen[half + i] }));
    const bases = basesOf(front.model, pool, tested, classes, seed);
    const labels = labelsOf(samples, 100 * seed + k);
    const done = await courses(bases, samples, labels, classes);
    const frozen = Object.fromEntries(Object.entries(bases).map(([q, { size, accuracy }]) => [q, { size, accuracy }]));
    runs.push({ frozen, truth: samples.map(({ label }) => label), ...done });
  }
  return { name, seed, classes, runs, seconds: (performance.now() - started) / 1000 };
}

const accuracyOf = (answers, truth) => answers.filter((answer, k) => answer === truth[k]).length / answers.length;
const secondOf = ({ truth, first }) => truth.slice(first.length);
const meanOf = (numbers) => (numbers.length === 0 ? Number.NaN : mean(numbers));
const shown = (share) => (Number.isNaN(share) ? '–' : percent(share, 1));

function runsOf(site, name) {
  return site.seeds.flatMap((seed) => site.known(runName(name, seed))?.runs ?? []);
}

/** Accuracy in the second half by way, and what the bases alone answer. */
function accuracyRow(runs, name, quality) {
  const of = (answersOf) =>
    meanOf(
      runs.flatMap((run) => {
        const answers = answersOf(run);
        return answers === undefined || answers === null ? [] : [accuracyOf(answers, secondOf(run))];
      }),
    );
  const frozen = (q) => meanOf(runs.map((run) => run.frozen[q].accuracy));
  const ways = WAYS.map((way) => of((run) => run.next[quality][way]));
  return { name, quality, former: frozen('former'), next: frozen(quality), ways, never: of((run) => run.never) };
}

function accuracies(site) {
  return site.chosen.flatMap((name) => {
    const runs = runsOf(site, name);
    return runs.length === 0 ? [] : QUALITIES.map((quality) => accuracyRow(runs, name, quality));
  });
}

const pairsOf = (run, answers) => {
  const truth = secondOf(run);
  return answers.map((own, k) => ({ old: run.never[k], new: own, truth: truth[k] }));
};

function gateFigures(site) {
  const all = site.chosen.flatMap((name) => runsOf(site, name));
  const recordings = all.flatMap((run) =>
    QUALITIES.flatMap((q) => WAYS.flatMap((way) => (run.next[q][way] ? [pairsOf(run, run.next[q][way])] : []))),
  );
  const runs = site.isQuick ? 50 : RUNS;
  return [-0.05, -0.02, 0, 0.05].map((margin) => {
    const trials = trialsAt(recordings, margin, runs, 1);
    const share = (decision) => trials.filter((each) => each.decision === decision).length / trials.length;
    const gone = trials.filter(({ decision }) => decision === 'go');
    // Of a few there is none.
    const values = (key) => (gone.length < 10 ? [] : gone.map((each) => each[key]).sort((a, b) => a - b));
    const median = (key) => values(key)[Math.floor(gone.length / 2)];
    const [go, abort] = [share('go'), share('abort')];
    return { margin, runs, go, abort, labels: median('labels'), answered: median('answered') };
  });
}

/** How often the choice among carryings, or to stay, is the best in hindsight, and what it costs. */
function choiceFigures(site) {
  return QUALITIES.map((quality) => {
    const results = site.chosen.flatMap((name) =>
      runsOf(site, name).flatMap((run, r) => {
        const candidates = {};
        for (const way of ['carry', 'rebase', 'reset']) {
          if (run.next[quality][way]) candidates[way] = pairsOf(run, run.next[quality][way]);
        }
        const truth = secondOf(run);
        const values = { stay: accuracyOf(run.never, truth) };
        for (const [way, pairs] of Object.entries(candidates)) {
          values[way] = accuracyOf(
            pairs.map((pair) => pair.new),
            truth,
          );
        }
        const best = Math.max(...Object.values(values));
        return Array.from({ length: site.isQuick ? 5 : 40 }, (_, k) => {
          const { chosen, labels } = choice(candidates, new RandomGenerator(1000 * r + k, `choice ${name} ${quality}`));
          return { chosen, labels, loss: best - values[chosen], harm: values.stay - values[chosen] };
        });
      }),
    );
    const share = (is) => results.filter(is).length / results.length;
    const gone = results.filter(({ chosen }) => chosen !== 'stay').map(({ labels }) => labels);
    return {
      quality,
      runs: results.length,
      ways: ['carry', 'rebase', 'reset', 'stay'].map((way) => share(({ chosen }) => chosen === way)),
      labels: gone.sort((x, y) => x - y)[Math.floor(gone.length / 2)],
      best: share(({ loss }) => loss === 0),
      near: share(({ loss }) => loss <= 0.01),
      harmful: share(({ harm }) => harm > 0.02),
      loss: meanOf(results.map(({ loss }) => loss)),
    };
  });
}

export function page(site) {
  const known = accuracies(site);
  if (known.length === 0) return 'nothing measured yet';
  if (site.pictures !== '') {
    mkdirSync(site.pictures, { recursive: true });
    for (const name of site.chosen)
      writeFileSync(`${site.pictures}/updates-${name}.svg`, curves(name, runsOf(site, name)));
  }
  const isWhole = site.seeds.every((seed) =>
    site.chosen.every((name) => site.known(runName(name, seed)) !== undefined),
  );
  if (!isWhole) return 'more to come';
  const [gate, chosen] = [gateFigures(site), choiceFigures(site)];
  const bytes = site.chosen.map((name) => [name, runsOf(site, name)[0].bytes]);
  if (site.json !== '') {
    writeFileSync(
      site.json,
      `${JSON.stringify({ seeds: site.seeds, accuracies: known, gate, choice: chosen, bytes })}\n`,
    );
  }
  const head = ['stream', 'base', 'v1 alone', 'v2 alone', 'carry', 'rebase', 'reset', 'v2, frozen', 'never updated'];
  return [
    `Seeds ${site.seeds.join(', ')}. Right answers in the second half, in %:`,
    table(
      head,
      known.map(({ name, quality, former, next, ways, never }) => [
        name,
        quality,
        ...[former, next, ...ways, never].map(shown),
      ]),
    ),
    'Trials on old and new answers drawn from the recorded ones:',
    table(
      [
        'new pair against old',
        'trials',
        'goes live, %',
        'refused, %',
        'undecided after 20,000 readings, %',
        'labels until it goes live, median',
        'of them on answers that differ',
      ],
      gate.map(({ margin, runs, go, abort, labels, answered }) => [
        `${margin > 0 ? '+' : ''}${percent(margin, 0)} points`,
        `${runs}`,
        shown(go),
        shown(abort),
        shown(Math.max(0, 1 - go - abort)),
        `${labels ?? '–'}`,
        `${answered ?? '–'}`,
      ]),
    ),
    'The choice among carry, rebase, reset and no update, against the best in hindsight:',
    table(
      [...['base', 'trials', 'carry, %', 'rebase, %', 'reset, %', 'no update, %', 'labels, median'], ...HINDSIGHT],
      chosen.map(({ quality, runs, ways, labels, best, near, harmful, loss }) => [
        quality,
        `${runs}`,
        ...ways.map(shown),
        `${labels ?? '–'}`,
        ...[best, near, harmful].map(shown),
        percent(loss, 2),
      ]),
    ),
    table(
      ['stream', 'state without kept lessons, bytes', 'with them'],
      bytes.map(([name, each]) => [name, `${each.without}`, `${each.with}`]),
    ),
  ].join('\n\n');
}
