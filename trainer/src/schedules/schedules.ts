import { cosine } from './cosine.ts';
import type { Schedule } from './schedule.ts';
import { step } from './step.ts';

/** Every schedule. A new one is a file of its own and a line here. */
export const schedules: readonly Schedule[] = [cosine, step];
