import { RandomGenerator } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { centresOf } from './k-means.ts';
import { SamNearestNeighbours } from './sam-nearest-neighbours.ts';

/** Two clouds, 4 apart along the first number, around a place along the second; `turned`: with each other's labels. */
function* clouds(seed: number, count: number, { place = 0, turned = false } = {}) {
  const random = new RandomGenerator(seed, 'clouds');
  for (let n = 0; n < count; n++) {
    const side = random.nextInteger(2);
    const sample = [4 * side + 0.7 * random.nextNormal(), place + 0.7 * random.nextNormal()];
    yield [sample, turned ? 1 - side : side] as const;
  }
}

function taught(...streams: readonly Iterable<readonly [number[], number]>[]): SamNearestNeighbours {
  const memory = new SamNearestNeighbours(2);
  for (const stream of streams) for (const [sample, label] of stream) memory.learn(sample, label);
  return memory;
}

const accuracy = (memory: SamNearestNeighbours, stream: Iterable<readonly [number[], number]>) => {
  const all = [...stream];
  return all.filter(([sample, label]) => memory.predict(sample)[label]! > 0.5).length / all.length;
};

/** Those that lie clearly on the side of their label, as all do that are not turned. */
const ofBefore = (memory: SamNearestNeighbours['longTerm']) =>
  memory.filter(({ x, label }) => Math.abs(x[0]! - 4 * label) < 1.5);

describe('SAM-kNN', () => {
  it('keeps nearly all in its short-term memory while nothing changes', () => {
    const memory = taught(clouds(1, 600));
    expect(memory.shortTerm.length + memory.longTerm.length).toBeGreaterThan(500);
    expect(accuracy(memory, clouds(2, 200))).toBeGreaterThan(0.97);
  });

  it('sheds what a change contradicts, and forgets it in the long-term memory as well', () => {
    const memory = taught(clouds(1, 600), clouds(2, 200, { turned: true }));
    expect(memory.shortTerm.length).toBeLessThanOrEqual(250);
    expect(accuracy(memory, clouds(3, 200, { turned: true }))).toBeGreaterThan(0.95);
    for (const [sample, label] of clouds(4, 300, { turned: true })) memory.learn(sample, label);
    expect(ofBefore(memory.longTerm).length).toBeLessThan(60);
  });

  it('keeps in its long-term memory what the window sheds and nothing contradicts', () => {
    const memory = taught(clouds(1, 400), clouds(2, 400, { place: 30 }), clouds(3, 800, { place: 30, turned: true }));
    const [here, there] = [true, false].map((isHere) => memory.longTerm.filter(({ x }) => x[1]! < 15 === isHere));
    expect(here!.length).toBeGreaterThan(300);
    expect(ofBefore(there!).length).toBeLessThan(40);
  });

  it('is bounded, whatever it has learned', () => {
    const memory = new SamNearestNeighbours(3, 600);
    const random = new RandomGenerator(1, 'chance');
    let most = 0;
    for (let n = 0; n < 1500; n++) {
      // So easy that the window grows.
      const label = random.nextInteger(3);
      memory.learn([10 * label + random.nextUniform()], label);
      most = Math.max(most, memory.shortTerm.length + memory.longTerm.length);
    }
    expect(most).toBeLessThanOrEqual(600);
    expect(memory.predict([20.5])[2]).toBeGreaterThan(0.99);
  });
});

describe('k-means', () => {
  it('finds the middles of groups that are far from each other, and each sample where all are centres', () => {
    const groups = [
      [0, 1, 2],
      [100, 102],
      [-50, -51, -49, -50],
    ];
    const samples = groups.flat().map((x) => [x, 2 * x]);
    const centres = centresOf(samples, 3, new RandomGenerator(1, 'k-means')).map(([x]) => x!);
    expect(centres.sort((a, b) => a - b)).toEqual([-50, 1, 101]);
    const all = centresOf([[3], [7], [8]], 3, new RandomGenerator(2, 'k-means')).map(([x]) => x!);
    expect(all.sort((a, b) => a - b)).toEqual([3, 7, 8]);
  });
});
