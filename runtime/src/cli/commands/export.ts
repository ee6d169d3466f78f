import type { Command } from '../command.ts';
import { rewriteCommand } from '../rewrite.ts';

/** `spikewire export`: a model in, a file for people or for another system out. */
export const command: Command = rewriteCommand(
  {
    name: 'export',
    summary: 'write a model in another format, such as JSON, a C header or ONNX',
    group: 'Models',
    doc: 'model file, or the name of a model of the zoo',
  },
  'write',
);
