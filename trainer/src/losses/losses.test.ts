import { describe, expect, it } from 'vitest';
import { interpret } from '../graph/interpret.ts';
import { given } from '../graph/operations/value.ts';
import { programOf } from '../graph/program.ts';
import { prepared } from '../kinds/kind.ts';
import { Signal } from '../lowering/signal.ts';
import { losses } from './losses.ts';

/**
 * Of two samples with three classes over two steps: the first is right in one step of two, the second never answers.
 */
function lossesOf(text: string): { losses: number[]; answers: number[] } {
  const answer = Signal.ofParts([given('first', [2, 3]), given('second', [2, 3])]);
  const program = programOf({ ...prepared('loss', losses, text).of(answer, given('targets', [2, 3]), new Map()) });
  const numbers = { first: [1, 0, 0, 0, 0, 0], second: [0, 1, 0, 0, 0, 0], targets: [1, 0, 0, 0, 0, 1] };
  const found = interpret(program, new Map(Object.entries(numbers)));
  return { losses: Array.from(found.get('losses')!), answers: Array.from(found.get('answers')!) };
}

/** −log of the first one's softmax. */
const crossEntropy = (first: number, ...others: number[]) =>
  Math.log(others.reduce((sum, other) => sum + Math.exp(other), Math.exp(first))) - first;

describe('loss', () => {
  it('rate: cross-entropy of shares of the steps', () => {
    const { losses: found, answers } = lossesOf('rate:sharpness=4');
    expect(answers).toEqual([2, 2, 0, 0, 0, 0]);
    expect(found[0]).toBeCloseTo(crossEntropy(2, 2, 0), 12);
    expect(found[1]).toBeCloseTo(Math.log(3), 12);
  });

  it('membrane: cross-entropy of means', () => {
    expect(lossesOf('membrane').losses[0]).toBeCloseTo(crossEntropy(0.5, 0.5, 0), 12);
  });

  it('accumulated: cross-entropy of what the last step holds, as a share of the steps', () => {
    const { losses: found, answers } = lossesOf('accumulated');
    expect(answers).toEqual([0, 0.5, 0, 0, 0, 0]);
    expect(found[0]).toBeCloseTo(crossEntropy(0, 0.5, 0), 12);
    expect(found[1]).toBeCloseTo(Math.log(3), 12);
  });

  it('count: squared distance from the wanted shares', () => {
    const { losses: found } = lossesOf('count:right=0.8,wrong=0.1');
    expect(found[0]).toBeCloseTo((0.3 ** 2 + 0.4 ** 2 + 0.1 ** 2) / 3, 12);
    expect(found[1]).toBeCloseTo((0.1 ** 2 + 0.1 ** 2 + 0.8 ** 2) / 3, 12);
  });

  it('spike-time: cross-entropy of how early first spikes are, with a gradient up to the first spike', () => {
    const { losses: found, answers } = lossesOf('spike-time:sharpness=4');
    // The first neuron spikes in step 0 of 2, the second in step 1, all others never.
    expect(answers).toEqual([4, 2, 0, 0, 0, 0]);
    expect(found[0]).toBeCloseTo(crossEntropy(0, -2, -4), 12);
    expect(found[1]).toBeCloseTo(Math.log(3), 12);
  });

  it('van-rossum: squared distance behind an exponential kernel', () => {
    const { losses: found } = lossesOf('van-rossum:tau=2,period=2');
    const left = Math.exp(-1 / 2);
    // Wanted is a spike of the class in the second step.
    expect(found[0]).toBeCloseTo((1 + (left - 1) ** 2 + 1) / (2 * 3), 12);
    expect(found[1]).toBeCloseTo(1 / (2 * 3), 12);
  });

  it('pixels: cross-entropy of each output for itself', () => {
    const { losses: found, answers } = lossesOf('pixels');
    expect(answers).toEqual([0.5, 0.5, 0, 0, 0, 0]);
    const [half, none] = [Math.log(1 + Math.exp(0.5)), Math.log(2)];
    expect(found[0]).toBeCloseTo((half - 0.5 + half + none) / 3, 12);
    expect(found[1]).toBeCloseTo(none, 12);
  });

  it.each([
    [
      'ratio',
      /^loss "ratio": does not exist; expected rate, membrane, count, spike-time, van-rossum, accumulated, pixels$/,
    ],
    ['rate:blunt=1', /^loss rate: has no parameter "blunt"; expected sharpness$/],
    ['rate:sharpness=0', /^loss rate\.sharpness: is 0; expected a number above 0$/],
    ['rate:sharpness', /^"rate:sharpness": has "sharpness"; expected name:key=value,…$/],
  ])('%s is refused in one line', (text, line) => {
    expect(() => lossesOf(text)).toThrow(line);
  });
});
