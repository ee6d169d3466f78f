import { kind } from '../kinds/kind.ts';
import type { Schedule } from './schedule.ts';

export const step = kind({
  name: 'step',
  summary: 'down to a tenth after 60 % of the steps, to a hundredth after 85 %',
  parameters: {},
  prepare: (): Schedule => (progress) => {
    if (progress < 0.6) return 1;
    return progress < 0.85 ? 0.1 : 0.01;
  },
});
