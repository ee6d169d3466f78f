import { contestants } from './infer/contestants.mjs';
import { interleave, median } from './infer/interleave.mjs';
import { activityOf, workloads } from './infer/workloads.mjs';

export const title = '784-256-10 LIF, batch 1, one thread: microseconds per sample';

export async function run({ quick = false } = {}) {
  const timing = quick ? { rounds: 3, blockMilliseconds: 10 } : { rounds: 9, blockMilliseconds: 120 };
  const results = [];
  for (const workload of await workloads()) {
    const { name, title, skipped } = workload;
    results.push(skipped === undefined ? await runWorkload(workload, timing) : { name, title, skipped });
  }
  return { workloads: results };
}

async function runWorkload(workload, timing) {
  const { name, title, samples } = workload;
  const entries = [];
  const skipped = {};
  for (const { open, ...contestant } of contestants) {
    const opened = await open(workload);
    if (opened.skipped === undefined) entries.push({ ...contestant, ...opened });
    else skipped[contestant.name] = opened.skipped;
  }
  try {
    const equality = await compareCounts(entries, samples.length);
    const rates = await interleave(entries, { ...timing, samples: samples.length });
    const results = entries.map((entry) => describe(entry.name, rates.get(entry.name), rates.get(entries[0].name)));
    const onnx = fastest(results.filter((each) => each.name.startsWith('onnx')));
    return {
      name,
      title,
      activity: activityOf(workload),
      equality,
      results,
      ...(onnx && { onnx: { form: onnx.name, ratio: onnx.ratio } }),
      skipped,
    };
  } finally {
    for (const { close } of entries) await close();
  }
}

/**
 * Microseconds of a contestant, and how many times those of the first it takes: the median of the ratios within rounds.
 */
function describe(name, rates, ofFirst) {
  return {
    name,
    median: round(median(rates)),
    low: round(Math.min(...rates)),
    high: round(Math.max(...rates)),
    ratio: round(median(rates.map((rate, index) => rate / ofFirst[index]))),
    rounds: rates.length,
  };
}

function fastest(results) {
  return results.toSorted((a, b) => a.ratio - b.ratio)[0];
}

function round(value) {
  return Math.round(value * 100) / 100;
}

/**
 * How many samples give the output counts of the readable engine of the same numbers, and how many its class. The
 * integer forms must agree on all. Real ones may differ where a membrane comes within a rounding of the threshold.
 */
async function compareCounts(entries, samples) {
  const counts = new Map();
  for (const { name, counts: countsOf } of entries) {
    const ofSamples = [];
    for (let sample = 0; sample < samples; sample++) ofSamples.push(await countsOf(sample));
    counts.set(name, ofSamples);
  }
  const references = { integer: 'int8 reference', real: 'float64 reference' };
  const compare = (a, b) => ({
    equal: counts.get(a).filter((each, sample) => each.join() === counts.get(b)[sample].join()).length,
    sameClass: counts.get(a).filter((each, sample) => winner(each) === winner(counts.get(b)[sample])).length,
    of: samples,
  });
  const rows = entries
    .filter(({ name, numbers }) => name !== references[numbers])
    .map(({ name, numbers }) => ({ between: [name, references[numbers]], ...compare(name, references[numbers]) }));
  for (const { between, equal, of } of rows) {
    if (between[1] === references.integer && equal < of)
      throw new Error(`${between.join(' and ')} give different counts`);
  }
  const forms = compare(references.integer, references.real);
  const why = 'weights, inputs and membranes of the int8 form are rounded';
  return [...rows, { between: Object.values(references), ...forms, ...(forms.equal < samples && { why }) }];
}

function winner(counts) {
  return counts.indexOf(Math.max(...counts));
}

function countsText({ between: [name], equal, sameClass, of, why }) {
  const whole = `${name} ${equal} of ${of}`;
  if (equal === of) return whole;
  return `${whole} (the same class on ${sameClass}${why === undefined ? '' : `; ${why}`})`;
}

export function table({ workloads: results }) {
  return results.map(workloadTable).join('\n');
}

function workloadTable({ title, skipped, activity, equality, results, onnx }) {
  if (results === undefined) return `${title}: left out, ${skipped}\n`;
  const { input, hidden, output } = activity;
  const [i, h, o] = [input, hidden, output].map((share) => share.toFixed(3));
  const rows = results.map(
    ({ name, median: middle, low, high, ratio }) =>
      `  ${name.padEnd(32)} ${middle.toFixed(1).padStart(9)} µs   ${low.toFixed(1)} … ${high.toFixed(1)}`.padEnd(70) +
      `${ratio.toFixed(1)} ×\n`,
  );
  const counts = [...new Set(equality.map(({ between }) => between[1]))].map((reference) => {
    const [first, ...others] = equality.filter(({ between }) => between[1] === reference).map(countsText);
    return `  output counts as of ${reference}: ${[first, ...others].join('; ')}\n`;
  });
  const missing = Object.entries(skipped).map(([name, why]) => `  ${name}: left out, ${why}\n`);
  const better =
    onnx === undefined
      ? []
      : [`  the best of ONNX Runtime is ${onnx.form}: ${onnx.ratio.toFixed(1)} × the first's time\n`];
  return [
    `${title}\n`,
    `  events per element and step: input ${i}, hidden ${h}, output ${o}\n`,
    ...rows,
    ...better,
    ...counts,
    ...missing,
  ].join('');
}
