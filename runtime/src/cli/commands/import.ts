import { formats, SpikewireError } from '@spikewire/models';
import type { Command } from '../command.ts';
import { rewriteCommand } from '../rewrite.ts';

/** `spikewire import`: a model of another system in, one that devices read out. */
export const command: Command = rewriteCommand(
  {
    name: 'import',
    group: 'Models',
    summary: 'read a model file of another format and write .spike or .json, which devices read',
    doc: 'model file in one of the formats below',
  },
  'read',
  (to, where) => {
    if (formats.some((own) => own === to)) return;
    const endings = formats.flatMap(({ extensions }) => extensions).join(' or ');
    throw new SpikewireError('usage', where, `is ${to.name}, which no device reads`, `${endings}, or spikewire export`);
  },
);
