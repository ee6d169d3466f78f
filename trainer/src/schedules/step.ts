import type { Schedule } from './schedule.ts';

/** Down to a tenth after 60 % of the steps, to a hundredth after 85 %. */
export const step: Schedule = {
  name: 'step',
  factor(progress) {
    if (progress < 0.6) return 1;
    return progress < 0.85 ? 0.1 : 0.01;
  },
};
