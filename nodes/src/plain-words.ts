/**
 * What people see of a problem: its text alone, where an `Error` would be shown as an object in the debug sidebar, with
 * its class in front of the text. Programs behind Catch nodes get code and cause.
 */
class PlainWords {
  readonly #text: string;
  declare readonly code?: unknown;
  declare readonly cause?: unknown;

  constructor({ message, code, cause }: Error & { readonly code?: unknown }) {
    this.#text = message;
    if (code !== undefined) this.code = code;
    if (cause !== undefined) this.cause = cause;
  }

  toString(): string {
    return this.#text;
  }
}

/** A problem as Node-RED is to be told of it; undefined where there is none. */
export function inPlainWords(problem: unknown): PlainWords | undefined {
  if (problem === undefined) return undefined;
  return new PlainWords(problem instanceof Error ? problem : new Error(String(problem)));
}

export type { PlainWords };
