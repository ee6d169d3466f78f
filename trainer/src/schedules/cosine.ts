import { kind } from '../kinds/kind.ts';
import type { Schedule } from './schedule.ts';

export const cosine = kind({
  name: 'cosine',
  summary: 'half a cosine from the highest rate to 0 (Loshchilov and Hutter 2017, eq. 5, without restarts)',
  parameters: {},
  prepare: (): Schedule => (progress) => (1 + Math.cos(Math.PI * progress)) / 2,
});
