// Which faults of bearings a net finds that has learned what is normal, in Node-RED, beside detectors on the same
// features: recordings of Case Western Reserve University, and the simulated machine of `spikewire-source`.
import { mean, percent } from '../shared/figures.mjs';
import { table } from '../shared/page.mjs';
import { mahalanobis } from './mahalanobis.mjs';
import { HOP, RATE, withPlant } from './plant.mjs';
import { recordings } from './recordings.mjs';

const LEARNING_SECONDS = 30;
/** Of the healthy recording; the rest is held out. */
const LEARNED_SHARE = 0.7;

export function page({ data, isQuick }) {
  return withPlant(async (plant, project) => {
    const trials = { 'recorded bearings': recordedTrials(data), 'simulated machine': simulatedTrials(project) };
    const parts = [];
    for (const [title, { faults, ...trial }] of Object.entries(trials)) {
      parts.push(await findFaults(plant, project, title, { ...trial, faults: isQuick ? faults.slice(0, 2) : faults }));
    }
    return parts.join('\n\n');
  });
}

/** Of the healthy recording, which is 5 s long, the first part again and again; faults under the same load. */
function recordedTrials(data) {
  const all = recordings(data);
  const { samples, rpm } = all.find(({ place }) => place === 'normal');
  const end = Math.floor(LEARNED_SHARE * samples.length);
  return {
    learned: Float32Array.from({ length: LEARNING_SECONDS * RATE }, (_, k) => samples[k % end]),
    heldOut: samples.subarray(end),
    rpm,
    faults: all
      .filter(({ place, load }) => place !== 'normal' && load === 0)
      .map(({ place, size, ...rest }) => ({ name: `${place} ${size}`, ...rest })),
  };
}

/** The machine of `spikewire-source`, of which there is as much as one wants. */
function simulatedTrials({ SimulatedMachine }) {
  const healthy = { fault: 'none', severity: 0, load: 0.5, rpm: 1800, stuck: false, silent: false };
  const machine = new SimulatedMachine(healthy, 0, 1);
  const [learned, heldOut] = [LEARNING_SECONDS, 10].map((seconds) => machine.vibration(seconds * RATE, RATE));
  const rpm = machine.truth.speed;
  const faults = ['outer', 'inner', 'ball'].flatMap((fault) =>
    [0.05, 0.1, 0.3].map((severity) => {
      const damaged = new SimulatedMachine({ ...healthy, fault, severity }, 0, 2);
      return { name: `simulated ${fault} ${severity}`, rpm, samples: damaged.vibration(10 * RATE, RATE) };
    }),
  );
  return { learned, heldOut, rpm, faults };
}

/** Detectors by the width of the features and the number of learned windows. */
const detectorsOf = ({ runningZScore, cusum, isolationForest, standardOf }) => ({
  'z-score': (width) => runningZScore(width),
  CUSUM: (width) => cusum(width),
  'isolation forest': (width, learned) => isolationForest(width, 1, Math.floor(learned / 2), 1),
  Mahalanobis: (width, learned) => mahalanobis(width, learned, standardOf),
});

async function findFaults(plant, project, title, { learned, heldOut, rpm, faults }) {
  const figures = new Map();
  const note = (...parts) => noteIn(figures, project.areaUnderCurve, ...parts);
  const kinds = new Map();
  for (const { name, samples, rpm: speed } of faults) {
    const parts = [
      await plant.put('anomaly', name, learned, HOP, { rpm }),
      await plant.put('anomaly', name, heldOut, HOP, { rpm }),
      await plant.put('anomaly', name, samples, HOP, { rpm: speed }),
    ];
    for (const { anomaly, kind = 'more of the same' } of parts[1])
      if (anomaly) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    const own = parts.map((windows) => windows.map(({ score }) => score));
    note('spikewire-anomaly', name, own, (part) => parts[part].map(({ anomaly }) => anomaly === true));
    for (const [detector, start] of Object.entries(detectorsOf(project))) {
      const running = start(parts[0][0].features.length, parts[0].length);
      const scores = parts.map((windows) => windows.map(({ features }) => running.scoreOf(features)));
      // A detector needs a limit: the highest score of the last third of what was learned.
      const limit = Math.max(...scores[0].slice(-Math.floor(parts[0].length / 3)));
      note(detector, name, scores, (part) => scores[part].map((score) => score > limit));
    }
  }
  const why = [...kinds].sort(([, a], [, b]) => b - a).map(([kind, count]) => `${kind} ${count}`);
  const reasons = `spikewire-anomaly flags healthy windows for: ${why.join(', ') || 'nothing'}.`;
  return `${foundTable(title, figures)}\n\n${reasons}`;
}

/** Adds to a detector's figures those of one fault. */
function noteIn(figures, areaUnderCurve, detector, fault, [, healthy, faulty], flagsOf) {
  const own = figures.get(detector) ?? { windows: 0, flagged: 0, found: [], missed: [], areas: [] };
  figures.set(detector, own);
  own.windows += healthy.length;
  own.flagged += flagsOf(1).filter(Boolean).length;
  own.areas.push(areaUnderCurve(faulty, healthy));
  const at = flagsOf(2).findIndex(Boolean);
  if (at < 0) own.missed.push(fault);
  else own.found.push(((at + 1) * HOP) / RATE);
}

function foundTable(title, figures) {
  const heads = [title, 'faults found', 'median seconds to the first alarm', 'longest', 'healthy windows flagged'];
  const rows = [...figures].map(([detector, { windows, flagged, found, missed, areas }]) => {
    const sorted = found.toSorted((a, b) => a - b);
    const not = missed.length > 0 ? ` (not ${missed.join(', ')})` : '';
    const seconds = [sorted[sorted.length >> 1], sorted.at(-1)].map((value) => value?.toFixed(2) ?? '–');
    const share = `${percent(flagged / windows, 1)} %`;
    return [
      detector,
      `${found.length} of ${found.length + missed.length}${not}`,
      ...seconds,
      share,
      mean(areas).toFixed(3),
    ];
  });
  return table([...heads, 'area under the ROC curve'], rows);
}
