import type { Kind } from '../kinds/kind.ts';
import { constant } from './constant.ts';
import { cosine } from './cosine.ts';
import type { Schedule } from './schedule.ts';
import { step } from './step.ts';

/** Every schedule. A new one is a file of its own and a line here. */
export const schedules: readonly Kind<Schedule>[] = [cosine, step, constant];
