import type { Command, OptionDeclaration } from '../command.ts';

/** A shell for which completions can be written: one file, one line in the index. */
export interface Shell {
  readonly name: string;
  /** What to do with the script, in one line. */
  readonly use: string;
  script(commands: readonly Command[]): string;
}

/** The words between which an option chooses, such as `keep|delete`; undefined where its value is free. */
export function choicesOf({ value, words: declared }: OptionDeclaration): readonly string[] | undefined {
  if (declared !== undefined) return declared;
  const words = value?.split('|') ?? [];
  return words.length > 1 && words.every((word) => /^[\w-]+$/.test(word)) ? words : undefined;
}

/** The words between which the first word after a command chooses. */
export function firstWords({ positionals }: Command): readonly string[] {
  return positionals?.[0]?.words ?? [];
}
