import { type Kind, kind } from '../kinds/kind.ts';

/** How the learning rate changes over a training: the factor of the highest rate at `progress`, 0 … 1 of all steps. */
export type Schedule = (progress: number) => number;

const cosine = kind({
  name: 'cosine',
  summary: 'half a cosine from the highest rate to 0 (Loshchilov and Hutter 2017, eq. 5, without restarts)',
  parameters: {},
  prepare: (): Schedule => (progress) => (1 + Math.cos(Math.PI * progress)) / 2,
});

const step = kind({
  name: 'step',
  summary: 'down to a tenth after 60 % of the steps, to a hundredth after 85 %',
  parameters: {},
  prepare: (): Schedule => (progress) => {
    if (progress < 0.6) return 1;
    return progress < 0.85 ? 0.1 : 0.01;
  },
});

const constant = kind({
  name: 'constant',
  summary: 'the same rate in every step',
  parameters: {},
  prepare: (): Schedule => () => 1,
});

/** Every schedule. A new one is a few lines above and its name here. */
export const schedules: readonly Kind<Schedule>[] = [cosine, step, constant];
