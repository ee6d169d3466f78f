import type { Schedule } from './schedule.ts';

/** Half a cosine from 1 to 0 (Loshchilov and Hutter 2017, eq. 5, without restarts). */
export const cosine: Schedule = {
  name: 'cosine',
  factor: (progress) => (1 + Math.cos(Math.PI * progress)) / 2,
};
