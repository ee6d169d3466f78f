import { parseModel } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { netOf } from '../net/net.ts';
import { placedOnCores } from './cores.ts';
import { loihiLimits } from './limits.ts';
import { axonBits, delayBits } from './synapse-bits.ts';

const ones = (outputs: number, inputs: number) => Array.from({ length: outputs }, () => new Array(inputs).fill(1));
const lif = { type: 'LIF', tau: 0.01, v_threshold: 1 };

/** Layers of LIF, each with all to all from the one before. */
function layers(sizes: readonly number[], changes: Readonly<Record<string, object>> = {}) {
  const [inputs, ...populations] = sizes;
  const nodes: Record<string, object> = { in: { type: 'Input', shape: [inputs] } };
  const edges: string[][] = [];
  let [before, size] = ['in', inputs!];
  populations.forEach((neurons, k) => {
    nodes[`w${k}`] = { type: 'Linear', weight: ones(neurons, size) };
    nodes[`p${k}`] = { ...lif, ...changes[`p${k}`] };
    edges.push([before, `w${k}`], [`w${k}`, `p${k}`]);
    [before, size] = [`p${k}`, neurons];
  });
  return parseModel({
    nodes: { ...nodes, out: { type: 'Output' } },
    edges: [...edges, [before, 'out']],
    semantics: { dt: 1e-3, reset: 'value' },
  });
}

const missed = (model: ReturnType<typeof layers>) => loihiLimits(model).filter(({ fits }) => !fits);

describe('bits of the synapses of an axon', () => {
  it.each([
    // Groups of 64 weights of 8 bits and a head of 10: 522, in units of 64.
    ['256 of 256 compartments', 256, 256, 8, 0, 4 * 576],
    // The 65th has a group of its own, of 18 bits.
    ['65 of 65', 65, 65, 8, 0, 576 + 64],
    // Indices of 10 bits: 28.
    ['1 of 1024', 1, 1024, 8, 0, 64],
    // Indices of 7 bits: 10 · 15 + 10 = 160.
    ['10 of 100', 10, 100, 8, 0, 192],
    // Indices of 6 bits at least: 64 · 14 + 10 = 906.
    ['64 of 65, of 1 bit', 64, 65, 1, 0, 576],
    // Delays up to 62 take 6 bits: 64 · 14 + 10 = 906.
    ['64 of 64 with delays', 64, 64, 8, delayBits(62), 960],
    // 6 · 9 + 10 is 64 to the bit, and 63 · 9 + 10 one more than 576.
    ['6 of 6 with delays of a step', 6, 6, 8, 1, 64],
    ['63 of 63 with delays of a step', 63, 63, 8, 1, 640],
    ['none', 0, 10, 8, 0, 0],
  ])('%s', (_, synapses, compartments, weightBits, delay, bits) => {
    expect(axonBits(synapses, compartments, { weightBits, delayBits: delay })).toBe(bits);
  });

  it('holds delays from 0 to the longest', () => {
    expect([0, 1, 2, 3, 4, 7, 8, 62].map(delayBits)).toEqual([0, 1, 2, 2, 3, 3, 4, 6]);
  });
});

describe('cores of a net', () => {
  const coresOf = (model: ReturnType<typeof layers>) => placedOnCores(netOf(model), 8).map(({ cores }) => cores);

  it('are as many as compartments and synapses ask for', () => {
    // 1024 axons with 1024 bits each fill a core: 576 for 64 weights, 448 for up to 54 more. 9 cores have 114 each.
    expect(coresOf(layers([1024, 1024]))).toEqual([9]);
    expect(coresOf(layers([1, 1024]))).toEqual([1]);
    expect(coresOf(layers([1, 1025]))).toEqual([2]);
  });

  it('are more where each neuron has axons to many cores', () => {
    // 9 axons a neuron, of which a core has 4096: 455 neurons on a core; 3 cores have 342 each.
    expect(coresOf(layers([1, 1024, 1024]))).toEqual([3, 9]);
  });

  it('hold the full memory to the bit', () => {
    const [placed] = placedOnCores(netOf(layers([1024, 1024])), 8);
    expect(placed!.load.synapseBits).toBe(2 ** 20);
  });

  it('are refused where one neuron has more axons than a core', () => {
    expect(missed(layers([4096, 2]))).toEqual([]);
    expect(missed(layers([4097, 2]))).toMatchObject([
      { node: 'p0', what: 'axons into a core', needs: '4097', has: '4096' },
    ]);
  });

  it('are refused beyond 128', () => {
    const chain = (count: number) => layers(new Array(count + 1).fill(1));
    expect(missed(chain(128))).toEqual([]);
    expect(missed(chain(129))).toMatchObject([{ needs: '129', has: '128' }]);
  });

  it('have 32 settings of compartments each, and 16 thresholds', () => {
    const rests = (count: number) => Array.from({ length: 64 }, (_, n) => (n % count) * 1e-3);
    const p0 = (given: object) => placedOnCores(netOf(layers([1, 64], { p0: given })), 8)[0]!;
    expect(p0({ tau_ref: rests(32) })).toMatchObject({ cores: 1, load: { compartmentProfiles: 32 } });
    // Of 33 settings in turn, each of 2 cores has 32.
    expect(p0({ tau_ref: rests(33) })).toMatchObject({ cores: 2, load: { compartmentProfiles: 32 } });
    const thresholds = Array.from({ length: 64 }, (_, n) => 1 + n);
    expect(p0({ v_threshold: thresholds })).toMatchObject({ cores: 4, load: { thresholdProfiles: 16 } });
  });
});
