import type { ParameterTable } from '@spikewire/models';
import { layerWords } from '../layer-words/words.ts';
import { trainingWords } from '../training-nodes/training-words.ts';
import { neuronChoices } from './neurons.ts';

/** What a method that writes a net anew lets people choose of it. */
export const netParameters = {
  arch: {
    doc: `layers of a new net, joined by dashes: ${[...layerWords, ...trainingWords].map(({ example }) => example).join(', ')}`,
    form: 'text',
    optional: true,
  },
  steps: { doc: 'steps of a sample', form: 'integer', default: 10, minimum: 1, maximum: 10_000 },
  neuron: { doc: 'its neurons', form: 'word', default: 'lif', words: neuronChoices.map(({ name }) => name) },
  tau: { doc: 'their time constant in seconds', form: 'number', default: 0.004, above: 0.001 },
  threshold: { doc: 'their threshold', form: 'number', default: 1, above: 0 },
  reset: { doc: 'what a spike does to the membrane', form: 'word', default: 'subtract', words: ['subtract', 'value'] },
  integrate: { doc: 'how a step is computed', form: 'word', default: 'euler', words: ['euler', 'exact'] },
  bias: {
    doc: 'whether layers of a new net have biases: "yes" or "no"',
    form: 'word',
    default: 'yes',
    words: ['yes', 'no'],
  },
  encoder: { doc: 'what makes input of a sample, as name or name:key=value,…', form: 'text', default: 'direct' },
} as const satisfies ParameterTable;
