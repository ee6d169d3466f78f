import { kind } from '../kinds/kind.ts';
import type { Schedule } from './schedule.ts';

export const constant = kind({
  name: 'constant',
  summary: 'the same rate in every step',
  parameters: {},
  prepare: (): Schedule => () => 1,
});
