import type { Task } from './task.ts';

/** The tasks of `stream-eval`. A new one is a file of its own and a line here. */
export const tasks: readonly Task[] = [];
