import type { ParameterTable } from '@spikewire/models';
import { augmentations } from '../../augmentations/augmentations.ts';
import { losses } from '../../losses/losses.ts';
import { optimisers } from '../../optimisers/optimisers.ts';
import { regularisers } from '../../regularisers/regularisers.ts';
import { schedules } from '../../schedules/schedules.ts';
import { surrogates } from '../../surrogates/surrogates.ts';

const oneOf = (index: readonly { readonly name: string }[]) => index.map(({ name }) => name).join(', ');

/**
 * What a method that trains by gradient lets people choose. Kinds may be written with their parameters:
 * `arctan:alpha=3`.
 */
export const gradientParameters = {
  epochs: {
    doc: 'passes over the training samples; fewer by default if there are many samples',
    form: 'integer',
    optional: true,
    minimum: 1,
  },
  batch: {
    doc: 'samples per training step; if omitted, larger for more samples',
    form: 'integer',
    optional: true,
    minimum: 1,
  },
  learningRate: { doc: 'highest learning rate', form: 'number', default: 0.002, above: 0 },
  schedule: { doc: `learning-rate schedule: ${oneOf(schedules)}`, form: 'text', default: 'cosine' },
  optimiser: { doc: `optimiser: ${oneOf(optimisers)}`, form: 'text', default: 'adam' },
  clip: { doc: 'clip the norm of all gradients together; without it, off', form: 'number', optional: true, above: 0 },
  loss: { doc: `loss: ${oneOf(losses)}`, form: 'text', default: 'rate' },
  regulariser: { doc: `regularisers, joined by +: ${oneOf(regularisers)}`, form: 'text', optional: true },
  dropout: {
    doc: 'dropout: share of the neurons that are silent for a sample during training',
    form: 'number',
    default: 0,
    minimum: 0,
    maximum: 0.95,
  },
  augment: {
    doc: `augmentations, joined by +: ${oneOf(augmentations)}`,
    form: 'text',
    optional: true,
  },
  surrogate: { doc: `surrogate gradient of a spike: ${oneOf(surrogates)}`, form: 'text', default: 'arctan' },
  resetGradient: {
    doc: 'gradient through the reset after a spike: none (detached), or all of it (full, as in Wu et al. 2018)',
    form: 'word',
    default: 'detached',
    words: ['detached', 'full'],
  },
  learn: { doc: 'also learn tau, threshold or tau+threshold', form: 'text', optional: true },
  bits: {
    doc: 'number of bits to which weights are rounded during training',
    form: 'word',
    words: ['8', '4'],
    optional: true,
  },
  prune: {
    doc: 'set this share of the smallest weights of each connection to 0',
    form: 'number',
    default: 0,
    minimum: 0,
    maximum: 0.99,
  },
  patience: {
    doc: 'stop after n epochs without an improvement of the validation',
    form: 'integer',
    default: 10,
    minimum: 1,
  },
} as const satisfies ParameterTable;
