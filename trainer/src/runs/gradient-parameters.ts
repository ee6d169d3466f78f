import type { ParameterTable } from '@spikewire/models';
import { augmentations } from '../augmentations/augmentations.ts';
import { losses } from '../losses/losses.ts';
import { optimisers } from '../optimisers/optimisers.ts';
import { regularisers } from '../regularisers/regularisers.ts';
import { schedules } from '../schedules/schedules.ts';
import { surrogates } from '../surrogates/surrogates.ts';

const oneOf = (index: readonly { readonly name: string }[]) => index.map(({ name }) => name).join(', ');

/**
 * What a method that trains by gradient lets people choose. Kinds may be written with their parameters:
 * `arctan:alpha=3`.
 */
export const gradientParameters = {
  epochs: { doc: 'passes over the samples; absent: by their number', form: 'integer', optional: true, minimum: 1 },
  batch: { doc: 'samples per step of learning; absent: by their number', form: 'integer', optional: true, minimum: 1 },
  learningRate: { doc: 'highest learning rate', form: 'number', default: 0.002, above: 0 },
  schedule: { doc: `how it changes: ${oneOf(schedules)}`, form: 'text', default: 'cosine' },
  optimiser: { doc: `how gradients change weights: ${oneOf(optimisers)}`, form: 'text', default: 'adam' },
  clip: { doc: 'largest common length of all gradients; absent: any', form: 'number', optional: true, above: 0 },
  loss: { doc: `what an answer is worth: ${oneOf(losses)}`, form: 'text', default: 'rate' },
  regulariser: { doc: `what is added to it, several with +: ${oneOf(regularisers)}`, form: 'text', optional: true },
  dropout: {
    doc: 'share of the neurons that are silent for a sample while the net learns',
    form: 'number',
    default: 0,
    minimum: 0,
    maximum: 0.95,
  },
  augment: {
    doc: `how samples are varied while they are learned, several with +: ${oneOf(augmentations)}`,
    form: 'text',
    optional: true,
  },
  surrogate: { doc: `derivative of a spike: ${oneOf(surrogates)}`, form: 'text', default: 'arctan' },
  learn: { doc: 'what is learned besides weights: tau, threshold or tau+threshold', form: 'text', optional: true },
  bits: {
    doc: 'weights of 8 or 4 bits, rounded while they are learned; absent: a float model',
    form: 'word',
    words: ['8', '4'],
    optional: true,
  },
  prune: {
    doc: 'share of the weights of each connection that become 0, the smallest',
    form: 'number',
    default: 0,
    minimum: 0,
    maximum: 0.99,
  },
  patience: { doc: 'epochs without a better validation after which it ends', form: 'integer', default: 10, minimum: 1 },
} as const satisfies ParameterTable;
