import type { ParameterTable } from '@spikewire/models';
import { netParameters } from '../../architecture/parameters.ts';
import { percentile } from '../../conversion/method.ts';
import { gradientParameters } from '../gradient/gradient-parameters.ts';

const { arch, steps, encoder } = netParameters;
const { loss: _loss, learn: _learn, ...gradient } = gradientParameters;

/** What a method that trains an analogue net, converts it and trains it on lets people choose. */
export const hybridParameters = {
  arch,
  steps: { ...steps, default: 5 },
  encoder,
  analogueEpochs: {
    doc: 'epochs of the non-spiking net; without it, fewer for more samples',
    form: 'integer',
    optional: true,
    minimum: 1,
  },
  analogueRate: { doc: 'highest learning rate of the non-spiking net', form: 'number', default: 0.002, above: 0 },
  percentile: { ...percentile, default: 99 },
  leak: {
    doc: 'leak of a converted neuron: share of the membrane lost in a step',
    form: 'number',
    default: 0.05,
    minimum: 0,
    maximum: 0.9,
  },
  ...gradient,
} as const satisfies ParameterTable;
