import type { Command } from 'spikewire/cli';
import { command as convert } from './commands/convert.ts';
import { command as quantize } from './commands/quantize.ts';
import { command as streamEval } from './commands/stream-eval.ts';
import { command as train } from './commands/train.ts';

/** The subcommands that this package brings; package.json names this module. */
export const commands: readonly Command[] = [train, convert, quantize, streamEval];
