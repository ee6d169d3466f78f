import type { ClassTask } from '../stream-eval/class-stream.ts';
import type { Task } from '../stream-eval/task.ts';

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
