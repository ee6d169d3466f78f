import { describe, expect, it } from 'vitest';
import { parseArchitecture } from './architecture.ts';

const images = { inputShape: [1, 28, 28], classes: 10 };

describe('architectures', () => {
  it('of dense layers name their inputs first', () => {
    const layers = parseArchitecture('784-256-10', images);
    expect(layers.map(({ outputShape }) => outputShape)).toEqual([[256], [10]]);
    expect(layers.flatMap(({ parameters }) => parameters.map(({ shape }) => shape))).toEqual([
      [256, 784],
      [256],
      [10, 256],
      [10],
    ]);
  });

  it('of convolutions take images, and follow their size through windows and pooling', () => {
    const layers = parseArchitecture('12C5-P2-32C5-P2-10', images);
    expect(layers.map(({ outputShape }) => outputShape)).toEqual([
      [12, 24, 24],
      [12, 12, 12],
      [32, 8, 8],
      [32, 4, 4],
      [10],
    ]);
    expect(layers.at(-1)!.parameters[0]!.shape).toEqual([10, 512]);
  });

  it.each([
    ['100-10', /architecture 100-10: does not begin with the inputs of the data; expected 784-…/],
    ['784-256-9', /does not end with the classes of the data; expected …-10/],
    ['784', /does not end with the classes/],
    ['12C5', /does not end with the classes/],
    ['784-0-10', /has the unknown layer "0"; expected 256, 12C5, P2/],
    ['784-big-10', /has the unknown layer "big"/],
    ['', /has the unknown layer ""/],
    ['784-12C5-10', /layer 12C5: gets shape \[784\]; expected images/],
    ['12C5-P5-10', /layer P5: gets shape \[12, 24, 24\]; expected images whose height and width are multiples of 5/],
    ['12C29-10', /layer 12C29: gets shape \[1, 28, 28\]; expected images .* of at least 29×29/],
  ])('%s is refused in one line', (text, line) => {
    expect(() => parseArchitecture(text, images)).toThrow(line);
  });
});
