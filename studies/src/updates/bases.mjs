// Bases of different quality behind the same front: they have learned more or fewer samples.
import { baseOf, modelDecoder, RandomGenerator, resolveGraph, shuffled, writeModel } from '@spikewire/models';
import { readNetModel } from 'spikewire/session';

/** Samples of a base. */
const SIZES = [6, 9, 13, 18, 25, 35, 50, 70, 100, 140, 200, 280, 400, 560];
/** By how much the bases differ, in shares of right answers. */
const STEP = 0.05;
/** Samples by which bases are told apart. */
const MOST_TESTED = 800;

/**
 * The former base and four that come after it: 5 points better, equal, 5 worse and broken, that is, with shuffled
 * labels. Which those are is told by the answers to `tested`, which devices cannot know.
 */
export function basesOf(front, pool, tested, classes, seed) {
  const random = new RandomGenerator(seed, 'bases');
  const some = shuffled([...tested], random).slice(0, MOST_TESTED);
  const candidates = SIZES.filter((size) => size <= pool.length).flatMap((size) =>
    [1, 2].map((draw) => {
      const samples = shuffled([...pool], new RandomGenerator(seed, `base ${size} ${draw}`)).slice(0, size);
      return { size, samples, ...learned(front, samples, some, classes) };
    }),
  );
  const best = Math.max(...candidates.map(({ accuracy }) => accuracy));
  const nearest = (target, without = []) =>
    candidates
      .filter((each) => !without.includes(each))
      .reduce((a, b) => (Math.abs(b.accuracy - target) < Math.abs(a.accuracy - target) ? b : a));
  const former = nearest(best - STEP);
  const of = (share) => nearest(former.accuracy + share, [former]);
  const largest = candidates.at(-1).samples;
  const labels = shuffled(
    largest.map(({ label }) => label),
    random,
  );
  const mixed = largest.map((sample, k) => ({ ...sample, label: labels[k] }));
  return {
    former,
    better: of(STEP),
    equal: of(0),
    worse: of(-STEP),
    broken: { size: mixed.length, ...learned(front, mixed, some, classes) },
  };
}

function learned(front, samples, tested, classes) {
  const { nodes, semantics } = resolveGraph(front.graph, front.semantics);
  const size = nodes.find(({ name }) => name === 'front').shape[0];
  const site = { where: 'out', size, dt: semantics.dt, random: new RandomGenerator(1, 'decoder') };
  const decoder = modelDecoder(front, 'out', site);
  for (const { counts, label } of samples) {
    decoder.teachable.decodeCounts(counts);
    decoder.teachable.teach(counts, classes[label]);
  }
  decoder.teachable.settle();
  const right = tested.filter(
    ({ counts, label }) => decoder.teachable.classes[decoder.teachable.winnerOf(counts)] === classes[label],
  );
  const model = { ...front, base: new Map([['out', baseOf(decoder)]]) };
  return { net: readNetModel(writeModel(model)), accuracy: right.length / tested.length };
}
