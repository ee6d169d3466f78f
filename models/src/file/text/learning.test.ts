import { describe, expect, it } from 'vitest';
import { chain } from '../../../../test/chain.ts';
import { formatModel, parseModel } from './model.ts';

const pairs = { rule: 'stdp', aPlus: 0.01, aMinus: 0.012 };

function modelWith(learning: unknown) {
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: [1] },
      fc: { type: 'Linear', weight: [[1]] },
      lif: { type: 'LIF', tau: 0.01, r: 1, v_threshold: 1 },
      out: { type: 'Output', shape: [1] },
    },
    edges: chain('in', 'fc', 'lif', 'out'),
    learning: { fc: learning },
  });
}

describe('learning in the text form', () => {
  it.each([
    [pairs],
    [{ ...pairs, pairing: 'nearest', bounds: [0, 1], softness: 0.5, storage: 'int8' }],
    [{ rule: 'power-law', eta: 0.01, normalize: { sum: 78, every: 1000 } }],
    [{ rule: 'power-law', eta: 0.01, normalize: { sum: 78 }, homeostasis: { rate: 5, tau: 1, strength: 0.01 } }],
    [{ rule: 'power-law', eta: 0.01, order: 'pre-first' }],
    [{ rule: 'spike-order', within: 0.01, winners: { most: 5, apart: 3, every: 20 } }],
    [{ rule: 'pes', feedback: { through: 'fc', direction: 'backward' } }],
    [[{ rule: 'eprop', feedback: { random: 10, seed: 3 } }, { rule: 'bcm' }]],
  ])('says the same after it was written: %j', (learning) => {
    const model = modelWith(learning);
    expect(parseModel(formatModel(model).json).learning).toEqual(model.learning);
  });

  it('fills in the defaults of the rule', () => {
    const [rule] = modelWith(pairs).learning.get('fc')!;
    expect(rule!.parameters).toEqual({ aPlus: 0.01, aMinus: 0.012, tauPlus: 0.02, tauMinus: 0.02 });
  });

  it.each([
    [{ ...pairs, pairing: 'some' }, 'learning.fc.pairing: is "some"; expected "all" or "nearest"'],
    [{ ...pairs, tauPlus: 0 }, 'learning.fc.tauPlus: is 0; expected a number above 0'],
    [{ rule: 'stdp', aPlus: 1 }, 'learning.fc.aMinus: is missing'],
    [{ ...pairs, normalise: { sum: 1 } }, 'learning.fc: has no parameter "normalise"'],
    [{ ...pairs, type: 'x' }, 'learning.fc: has no parameter "type"'],
    [{ ...pairs, normalize: {} }, 'learning.fc.normalize.sum: is missing'],
    [{ ...pairs, normalize: { sum: 1, every: 0 } }, 'learning.fc.normalize.every: is 0'],
    [{ ...pairs, homeostasis: { rate: 1, tau: 1 } }, 'learning.fc.homeostasis.strength: is missing'],
    [{ ...pairs, order: 'post-first' }, 'learning.fc.order: is "post-first"; expected "pre-first"'],
    [{ ...pairs, softness: -1 }, 'learning.fc.softness: is -1'],
    [{ ...pairs, storage: 'int4' }, 'learning.fc.storage: is "int4"; expected "float32" or "int16" or "int8"'],
    [{ ...pairs, winners: { apart: 3 } }, 'learning.fc.winners.most: is missing'],
    [{ ...pairs, winners: { most: 0 } }, 'learning.fc.winners.most: is 0'],
    [{ ...pairs, winners: { most: 1, apart: 0 } }, 'learning.fc.winners.apart: is 0'],
    [{ rule: 'pes', feedback: { random: 0 } }, 'learning.fc.feedback.random: is 0'],
    [
      { rule: 'pes', feedback: { through: 'fc' } },
      'learning.fc.feedback.direction: is missing; expected backward or forward',
    ],
    [{ rule: 'pes', feedback: { through: 'fc', direction: 'up' } }, 'direction: is "up"; expected "backward" or "for'],
  ])('names the place of what is wrong in %j', (learning, message) => {
    expect(() => modelWith(learning)).toThrow(message);
  });

  it.each(['normalize', 'homeostasis', 'feedback', 'winners'])('takes nothing but an object for %s', (mechanism) => {
    for (const value of ['', 0, false, 'x', 1, []]) {
      expect(() => modelWith({ ...pairs, [mechanism]: value })).toThrow(/is .*; expected an object$/);
    }
  });
});
