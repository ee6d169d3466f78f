import { stat } from 'node:fs/promises';
import { SpikewireError } from '@spikewire/models';
import type { CommandArguments, OptionDeclaration } from './command.ts';

/** Of a command that writes a model. */
export const overwriteOption = (what: string): OptionDeclaration => ({
  type: 'boolean',
  doc: `replace an existing ${what}`,
});

/** Files are not replaced unasked; `files` by the option that names them. */
export async function refuseExisting(args: CommandArguments, files: Readonly<Record<string, string>>): Promise<void> {
  if (args.flag('overwrite')) return;
  for (const [option, path] of Object.entries(files)) {
    if ((await stat(path).catch(() => undefined))?.isFile() !== true) continue;
    throw new SpikewireError('file', path, 'already exists', `another ${option}, or --overwrite`);
  }
}
