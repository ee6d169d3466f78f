import type { ClassTask } from './class-stream.ts';
import type { Task } from './task.ts';

/** A task of telling classes apart, by the harness that all of them share. */
export function classTask(task: ClassTask): ClassTask & Task {
  return {
    ...task,
    async evaluate(folder, options) {
      const { evaluateClasses } = await import('../stream-eval/evaluate-classes.ts');
      return evaluateClasses(task, folder, options);
    },
  };
}
