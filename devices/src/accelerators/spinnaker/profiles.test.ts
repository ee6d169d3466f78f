import { type Model, parseModel } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { chain } from '../../../../test/chain.ts';
import { profiles } from './profiles.ts';

const [profile] = profiles;

function modelOf(changes: Readonly<Record<string, object>> = {}, delay = 0, encoder?: object): Model {
  const nodes = {
    in: { type: 'Input', shape: [1] },
    fan: { type: 'Linear', weight: [[1]] },
    cells: { type: 'IF', r: 1000, v_threshold: 1 },
    out: { type: 'Output' },
    ...changes,
  };
  const edges = chain(...Object.keys(nodes)).map(([from, to]) => (to === 'fan' ? [from, to, { delay }] : [from, to]));
  return parseModel({ nodes, edges, semantics: { dt: 0.001 }, ...(encoder && { encoder: { in: encoder } }) });
}

/** One population behind one synapse each: 48 chips of 17 cores of 256 neurons hold 208,896. */
const populationOf = (neurons: number) =>
  modelOf({
    in: { type: 'Input', shape: [neurons] },
    fan: { type: 'Scale', scale: 1 },
    cells: { type: 'IF', r: 1000, v_threshold: 1 },
  });

/** Synapses of a convolution: each of 8 kernels of 1024 × 1024 at each of `side`² places. */
const convolutionOf = (side: number) =>
  modelOf({
    in: { type: 'Input', shape: [1, 1023 + side, 1023 + side] },
    fan: {
      type: 'Conv2d',
      weight: Array.from({ length: 8 }, () => [Array.from({ length: 1024 }, () => new Array(1024).fill(1))]),
      input_shape: [1023 + side, 1023 + side],
    },
  });

async function missedIn(model: Model): Promise<string[]> {
  const missed = (await profile!.limits!(model)).filter(({ fits }) => !fits);
  const refused = await profile!.expectFit(model).then(
    () => false,
    () => true,
  );
  expect(refused).toBe(missed.length > 0);
  return missed.map(({ node, what, needs, has }) => `${node ?? 'the net'}: ${what} ${needs}, has ${has}`);
}

describe('each limit of a SpiNNaker board', () => {
  it.each([
    ['neurons', populationOf(208_896)],
    ['delay', modelOf({}, 144)],
    ['bytes of synapses, 13² places of 8 · 2^20 · 4 bytes', convolutionOf(13)],
    ['Input', modelOf({}, 0, { type: 'bernoulli' })],
  ])('takes what just fits: %s', async (_, model) => {
    expect(await missedIn(model)).toEqual([]);
  });

  it.each([
    ['neurons', populationOf(208_897), 'the net: cores, at 256 neurons of one population each 817, has 816'],
    ['delay', modelOf({}, 145), 'cells: steps of delay, with delay cores 145, has 144'],
    ['bytes', convolutionOf(14), 'the net: bytes of SDRAM for synapses 6576668672, has 5926550016'],
    ['numbers', modelOf({}, 0, { type: 'direct' }), 'in: output of an Input numbers, has spikes'],
    ['states', modelOf({ cells: { type: 'LI', tau: 0.01 } }), 'cells: output of a population its state, has spikes'],
  ])('refuses one more: %s', async (_, model, line) => {
    expect(await missedIn(model)).toEqual([line]);
  });

  it('names a source; what becomes of weights is a note, since every model meets it', async () => {
    const limits = await profile!.limits!(modelOf());
    expect(limits.every(({ source }) => source.title !== '' && source.evidence !== 'recalled')).toBe(true);
    const notes = [expect.stringMatching(/^weights become 16 bits/)];
    expect(await profile!.notes!(modelOf())).toEqual(notes);
    const fresh = { ...modelOf(), sample: { steps: 10, between: 'reset' } } as Model;
    const note = 'its driver resets no membranes: set sample.between to "continue"';
    expect(await profile!.notes!(fresh)).toEqual([...notes, note]);
  });
});
