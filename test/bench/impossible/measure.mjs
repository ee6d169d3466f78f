import { KnownRange, RandomGenerator, shuffled } from '@spikewire/models';

/** Samples of each kind that are asked about, and orders in which lessons come. */
const [ASKED, ORDERS] = [300, 4];
/** Samples by which a new classifier standardises, and where its encoder clips, in deviations. */
const [WARM_UP, CLIP] = [30, 4];

/** What a new classifier calls unknown after so many lessons: the mean over some orders of them. */
export function ofNew({ learned, tested }, lessons, seed) {
  const random = new RandomGenerator(seed, 'impossible');
  const found = Array.from({ length: ORDERS }, () => {
    const order = shuffled(learned, random);
    const clipped = columnsOf(order.slice(-WARM_UP)).map(clippedRange);
    const known = new KnownRange(clipped.length, (k) => clipped[k], { byLessons: true });
    const taught = order.slice(0, lessons);
    for (const [window, { values }] of taught.entries()) {
      known.remember(window, values, isZero(values));
      known.learn(window, window);
    }
    return sharesOf(known, taught, tested, random);
  });
  return meanOf(found);
}

/** The same of a net with the ranges of all that it was trained on. */
export function ofTrained({ learned, tested }, seed) {
  const ends = columnsOf(learned).map(endsOf);
  const neverZero = !learned.some(({ values }) => isZero(values));
  const known = new KnownRange(ends.length, (k) => ends[k], { byLessons: false, neverZero });
  return sharesOf(known, learned, tested, new RandomGenerator(seed, 'impossible'));
}

/** Of each key the mean. */
export function meanOf(found) {
  const mean = (key) => found.reduce((sum, each) => sum + each[key], 0) / found.length;
  return Object.fromEntries(Object.keys(found[0]).map((key) => [key, mean(key)]));
}

function sharesOf(known, learned, tested, random) {
  const ordinary = Array.from({ length: ASKED }, () => tested[random.nextInteger(tested.length)].values);
  const columns = columnsOf(learned);
  const ends = columns.map(endsOf);
  const far = ordinary.map(() => ends.map((each) => farFrom(each, random)));
  const permuted = ordinary.map((values) => elsewhere(values.length, random).map((k) => values[k]));
  const zeros = [ends.map(() => 0)];
  const share = (samples) => samples.filter((values) => known.isBeyond(values, isZero(values))).length / samples.length;
  return {
    overlap: overlapOf(columns, ends),
    ...{ ordinary: share(ordinary), far: share(far), permuted: share(permuted), zeros: share(zeros) },
  };
}

const isZero = (values) => values.every((value) => value === 0);
const columnsOf = (samples) => samples[0].values.map((_, k) => samples.map(({ values }) => values[k]));

/** A number that never moved gets a width, as in training. */
function endsOf(values) {
  const [low, high] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
  return { low, high: high > low ? high : low + 1 };
}

function clippedRange(values) {
  const mean = values.reduce((a, b) => a + b) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) || 1;
  return { low: mean - CLIP * deviation, high: mean + CLIP * deviation };
}

/** One to ten widths beyond an end. */
function farFrom({ low, high }, random) {
  const beyond = (high - low) * (1 + 9 * random.nextUniform());
  return random.nextUniform() < 0.5 ? low - beyond : high + beyond;
}

/** A random order in which no number stays in its place. */
function elsewhere(count, random) {
  const indices = Array.from({ length: count }, (_, k) => k);
  for (;;) {
    const order = shuffled(indices, random);
    if (order.every((from, to) => from !== to)) return order;
  }
}

/** The share of numbers that would be ordinary in the place of another: the mean over all pairs of places. */
function overlapOf(columns, ends) {
  const pairs = ends.flatMap((own, k) => columns.filter((_, other) => other !== k).map((values) => [own, values]));
  const within = ([{ low, high }, values]) => values.filter((value) => value >= low && value <= high).length;
  return pairs.reduce((sum, pair) => sum + within(pair) / columns[0].length, 0) / pairs.length;
}
