import { FeatureChain } from '@spikewire/models';
import { expect, it } from 'vitest';
import { BLOCK, BLOCKS, INTRODUCED, Mill, RATE, STATES, STEADY, TURN } from './mill.ts';

/** Energies in bands of 10 Hz, so that band k begins at 10·k Hz. */
function spectrumOf(block: Float64Array): Float64Array {
  const stages = [
    { type: 'block', parameters: { length: BLOCK } },
    { type: 'window', parameters: { length: BLOCK } },
    { type: 'band-energies', parameters: { sampleRate: RATE, bands: 128 } },
  ];
  const chain = new FeatureChain('test', stages, 128);
  chain.take(block);
  return chain.values;
}

const blocksOf = (mill: Mill, state: string, from: number, to: number) =>
  Array.from({ length: to - from }, (_, k) => from + k).filter((k) => mill.stateOf(k) === state);

it('is in each state in turn, before and while it drifts', () => {
  const mill = new Mill(1);
  for (const state of STATES) {
    expect(blocksOf(mill, state, 0, STEADY).length).toBeGreaterThan(STEADY / 6);
    expect(blocksOf(mill, state, STEADY, BLOCKS).length).toBeGreaterThan((BLOCKS - STEADY) / 6);
  }
});

it('stays in a state so long that a person can say which, once it was introduced', () => {
  for (const seed of [1, 2, 3]) {
    const mill = new Mill(seed);
    const changes = Array.from({ length: BLOCKS - 1 }, (_, k) => k + 1).filter(
      (k) => mill.stateOf(k) !== mill.stateOf(k - 1),
    );
    const turns = changes.slice(1).map((k, index) => ({ begun: changes[index]!, length: k - changes[index]! }));
    for (const { begun, length } of turns) {
      if (begun < INTRODUCED) continue;
      expect(length).toBeGreaterThanOrEqual(TURN[0]);
      expect(length).toBeLessThanOrEqual(TURN[1]);
    }
    expect(turns.filter(({ begun }) => begun >= INTRODUCED).length).toBeGreaterThan(10);
  }
});

it('cuts with as many teeth a second as it is said to, slower at first than at the end', () => {
  const mill = new Mill(1);
  const strongest = (k: number) => {
    const energies = spectrumOf(mill.blockOf(k));
    return 10 * energies.indexOf(Math.max(...energies));
  };
  for (const k of blocksOf(mill, 'milling', 0, STEADY)) expect(strongest(k)).toBe(180);
  for (const k of blocksOf(mill, 'milling', BLOCKS - 40, BLOCKS)) expect(Math.abs(strongest(k) - 255)).toBeLessThan(15);
});

it('is the same for the same seed, and another for another', () => {
  expect(new Mill(3).blockOf(200)).toEqual(new Mill(3).blockOf(200));
  expect(new Mill(3).blockOf(200)).not.toEqual(new Mill(4).blockOf(200));
});
