// What a net in Node-RED is worth that was taught ten blocks of each damage of a bearing, beside classifiers on the
// same features.
import { winnerOf } from '@spikewire/models';
import { percent } from '../shared/figures.mjs';
import { table } from '../shared/page.mjs';
import { LENGTH, withPlant } from './plant.mjs';
import { recordings } from './recordings.mjs';

const [TAUGHT, TAUGHT_THERE] = [10, 5];
/** Blocks of each class before the first lesson: the net learns from them the usual values of the features. */
const UNTAUGHT = 8;
/** Classifiers beside the net, and their names in the table. */
const COMPARED = {
  'frozen-logistic-regression': 'frozen logistic regression',
  '1-nn': '1-nn',
  'linear-rls': 'linear RLS',
};

export function page(site) {
  return withPlant((plant, project) => nameFaults(plant, project, site));
}

/** Names of the classes of a size and load: the healthy one is there under no load only. */
async function nameFaults(plant, project, { data, isQuick }) {
  const all = recordings(data);
  const of = (size, load) => all.filter((one) => one.load === load && (one.place === 'normal' || one.size === size));
  const scores = new Map();
  const note = (name, stage, right, total) => {
    const own = scores.get(`${name}|${stage}`) ?? [0, 0];
    scores.set(`${name}|${stage}`, [own[0] + right, own[1] + total]);
  };
  const sizes = ['007', '014', '021'].slice(0, isQuick ? 2 : 3);
  for (const size of sizes) {
    const elsewhere = [
      ['another load', of(size, 2)],
      ...sizes
        .filter((other) => other !== size)
        .map((other) => ['another size', of(other, 0).filter(({ place }) => place !== 'normal')]),
    ];
    for (const [k, [what, others]] of elsewhere.entries()) {
      const run = new Naming(plant, project, `${size} ${k}`);
      for (const recording of of(size, 0)) await run.windows(recording, 0, UNTAUGHT, { silently: true });
      await plant.drain();
      await run.teach(of(size, 0), UNTAUGHT, UNTAUGHT + TAUGHT);
      if (k === 0) noteAll(await run.test(of(size, 0), UNTAUGHT + TAUGHT), 'the rest');
      noteAll(await run.test(others, TAUGHT_THERE), what);
      await run.teach(others, 0, TAUGHT_THERE);
      noteAll(await run.test(others, TAUGHT_THERE), `${what}, ${TAUGHT_THERE} more taught`);
    }
  }
  function noteAll(results, stage) {
    for (const [name, { right, total }] of results) note(name, stage, right, total);
  }
  const stages = [...new Set([...scores.keys()].map((key) => key.split('|')[1]))];
  const names = [...new Set([...scores.keys()].map((key) => key.split('|')[0]))];
  const rows = names.map((name) => {
    const shares = stages.map((stage) => scores.get(`${name}|${stage}`));
    return [name, ...shares.map(([right, total]) => `${percent(right / total, 1)} %`)];
  });
  return table(['classifier', ...stages], rows);
}

/** One net, and classifiers that are taught the same. */
class Naming {
  constructor(plant, project, topic) {
    Object.assign(this, { plant, project, topic, taught: [], classes: [] });
  }

  async windows(recording, from, to, more = {}) {
    const samples = recording.samples.subarray(from * LENGTH, Math.min(to * LENGTH, recording.samples.length));
    const whole = samples.subarray(0, LENGTH * Math.floor(samples.length / LENGTH));
    return this.plant.put('classify', this.topic, whole, LENGTH, { rpm: recording.rpm, ...more });
  }

  /** Class by class in turn, as a person would. */
  async teach(recordings, from, to) {
    for (let k = from; k < to; k++) {
      for (const recording of recordings) {
        const [{ features }] = await this.windows(recording, k, k + 1, { label: recording.place });
        if (!this.classes.includes(recording.place)) this.classes.push(recording.place);
        this.taught.push({ features, label: this.classes.indexOf(recording.place) });
      }
    }
  }

  async test(recordings, from) {
    const results = new Map();
    const baselines = this.baselines();
    for (const recording of recordings) {
      for (const { answer, likeliest, features } of await this.windows(recording, from, Number.POSITIVE_INFINITY)) {
        const answers = [
          ['spikewire-classify', answer],
          ['spikewire-classify, the likeliest where it says unknown', likeliest ?? answer],
          ['spikewire-classify says unknown', answer === 'unknown' ? recording.place : undefined],
          ...baselines.map(([name, of]) => [name, of(features)]),
        ];
        for (const [name, said] of answers) {
          const own = results.get(name) ?? { right: 0, total: 0 };
          results.set(name, own);
          own.total++;
          if (said === recording.place) own.right++;
        }
      }
    }
    return results;
  }

  /** Fitted on all that was taught so far, standardised by it. */
  baselines() {
    const { mean, deviation } = this.project.standardOf(
      this.taught.map(({ features }) => features),
      0,
    );
    const standard = (features) => Float32Array.from(features, (x, k) => (x - mean[k]) / (deviation[k] || 1));
    const samples = this.taught.map(({ features }) => standard(features));
    const labels = Uint8Array.from(this.taught, ({ label }) => label);
    return this.project.classifiers
      .filter(({ name }) => COMPARED[name] !== undefined)
      .map((kind) => {
        const classifier = kind.fit(
          { samples, labels, classes: this.classes },
          { classes: this.classes.length, weighted: false },
        )();
        return [COMPARED[kind.name], (features) => this.classes[winnerOf(classifier.predict(standard(features)))]];
      });
  }
}
