import { describeValue, type ErrorCode, SpikewireError } from '@spikewire/models';

/**
 * Code of another package: what it throws or returns by mistake becomes an error of one line with the package's name.
 */
export class ForeignCode {
  readonly where: string;

  constructor(where: string) {
    this.where = where;
  }

  /** An error about something that a method gave. */
  refuse(what: string, value: unknown, expected: string): SpikewireError {
    return new SpikewireError('unsupported', this.where, `${what} is ${describeValue(value)}`, expected);
  }

  /** What a method threw; an error of type `SpikewireError` stays what it is. */
  failure(method: string, problem: unknown, code: ErrorCode = 'unsupported'): SpikewireError {
    if (problem instanceof SpikewireError) return problem;
    return new SpikewireError(code, this.where, `${method} failed (${firstLine(problem)})`, undefined, problem);
  }

  /** Calls a method, whether it gives something at once or later. */
  call(method: string, work: () => unknown): unknown {
    try {
      const result = work();
      if (!(result instanceof Promise)) return result;
      return result.catch((problem: unknown) => {
        throw this.failure(method, problem);
      });
    } catch (problem) {
      throw this.failure(method, problem);
    }
  }

  /** Calls a method that gives something later; errors are of this code. */
  async wait(method: string, work: () => unknown, code?: ErrorCode): Promise<unknown> {
    try {
      return await work();
    } catch (problem) {
      throw this.failure(method, problem, code);
    }
  }
}

/** The beginning of what somebody else's code threw, which may be anything. */
export function firstLine(problem: unknown): string {
  try {
    return String(problem instanceof Error ? problem.message : problem).split('\n')[0]!;
  } catch {
    return 'what it threw is not text';
  }
}
