import { printableLine } from './printable.ts';

/** What went wrong, by the part of the house that noticed it. Programs branch on this; people read the message. */
export type ErrorCode =
  | 'graph'
  | 'parameter'
  | 'file'
  | 'input'
  | 'budget'
  | 'store'
  | 'link'
  | 'learning'
  | 'access'
  | 'unsupported'
  | 'usage';

/**
 * The one error type of spikewire. The message is a single line that says where it happened, what was wrong and what
 * was expected: `edge "fc"→"lif": source has shape [3]; expected [4]`. Names in it may come from outside: it is
 * printable.
 */
export class SpikewireError extends Error {
  override readonly name = 'SpikewireError';
  readonly code: ErrorCode;
  /** The thing that was wrong: an edge, a file, a topic, an option. */
  readonly where: string;
  /** What would have been right, when that can be said. */
  readonly expected: string | undefined;

  constructor(code: ErrorCode, where: string, problem: string, expected?: string, cause?: unknown) {
    const line = `${where}: ${problem}${expected === undefined ? '' : `; expected ${expected}`}`;
    super(printableLine(line), cause === undefined ? undefined : { cause });
    this.code = code;
    this.where = where;
    this.expected = expected;
  }

  /** The same error on another thread, from its parts. */
  static restore(code: ErrorCode, where: string, message: string): SpikewireError {
    const error = new SpikewireError(code, where, '');
    error.message = message;
    return error;
  }
}
