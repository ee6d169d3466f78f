import type { ParameterTable } from '@spikewire/models';
import { layerWords } from '../layer-words/words.ts';
import { trainingWords } from '../training-nodes/training-words.ts';
import { neuronChoices } from './neurons.ts';

/** What a method that writes a net anew lets people choose of it. */
export const netParameters = {
  arch: {
    doc:
      'layers of a new net, joined by dashes, such as 784-256-10 (numbers of neurons) or 12C5-P2-10 (12 convolutions ' +
      'of 5×5, pooling by 2); trainer/README.md in the source code explains all parts: ' +
      [...layerWords, ...trainingWords].map(({ example }) => example).join(', '),
    form: 'text',
    optional: true,
  },
  steps: { doc: 'time steps per sample', form: 'integer', default: 10, minimum: 1, maximum: 10_000 },
  neuron: { doc: 'neurons of a new net', form: 'word', default: 'lif', words: neuronChoices.map(({ name }) => name) },
  tau: { doc: 'time constant of the neurons in seconds', form: 'number', default: 0.004, above: 0.001 },
  threshold: { doc: 'threshold of the neurons', form: 'number', default: 1, above: 0 },
  reset: {
    doc: 'reset of the membrane after a spike',
    form: 'word',
    default: 'subtract',
    words: ['subtract', 'value'],
  },
  integrate: { doc: 'integration of a step', form: 'word', default: 'euler', words: ['euler', 'exact'] },
  bias: {
    doc: 'biases in the layers of a new net',
    form: 'word',
    default: 'yes',
    words: ['yes', 'no'],
  },
  encoder: { doc: 'input encoder, as name or name:key=value,…', form: 'text', default: 'direct' },
} as const satisfies ParameterTable;
