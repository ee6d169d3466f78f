import { elementCount, type Shape, SpikewireError } from '@spikewire/models';
import type { Layer } from './layer.ts';
import { layerKinds } from './layers/layers.ts';

/** What the data asks of a net. */
export interface Task {
  /** Of a sample. */
  readonly inputShape: Shape;
  readonly classes: number;
}

/**
 * Reads an architecture: layers from input to output, joined by dashes. `784-256-10` names its inputs first; one that begins
 * with a convolution (`12C5-P2-32C5-P2-10`) takes the images as they are. Throws `usage`, naming the word that does not fit.
 */
export function parseArchitecture(text: string, { inputShape, classes }: Task): Layer[] {
  const words = text.split('-');
  const layers: Layer[] = [];
  let shape = inputShape;
  if (/^\d+$/.test(words[0]!)) {
    const inputs = elementCount(inputShape);
    if (Number(words.shift()) !== inputs)
      throw wrong(text, 'does not begin with the inputs of the data', `${inputs}-…`);
    shape = [inputs];
  }
  for (const [place, word] of words.entries()) {
    const layer = layerOf(text, word, `layer${place + 1}`, shape);
    layers.push(layer);
    shape = layer.outputShape;
  }
  if (layers.at(-1)?.outputShape.length !== 1 || shape[0] !== classes) {
    throw wrong(text, 'does not end with the classes of the data', `…-${classes}`);
  }
  return layers;
}

function layerOf(text: string, word: string, name: string, shape: Shape): Layer {
  for (const kind of layerKinds) {
    const match = kind.pattern.exec(word);
    if (match !== null && !match.slice(1).map(Number).includes(0)) return kind.make(name, match, shape);
  }
  throw wrong(text, `has the unknown layer "${word}"`, layerKinds.map(({ example }) => example).join(', '));
}

function wrong(text: string, problem: string, expected: string): SpikewireError {
  return new SpikewireError('usage', `architecture ${text}`, problem, expected);
}
