import type { CommandArguments, OptionDeclaration } from 'spikewire/cli';

/** Whether a person gave an option, which has no default. */
export function isGiven(args: CommandArguments, option: string, { type, multiple }: OptionDeclaration): boolean {
  if (type === 'boolean') return args.flag(option);
  return multiple === true ? args.texts(option).length > 0 : args.text(option) !== undefined;
}
