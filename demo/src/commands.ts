import type { Command } from 'spikewire/cli';
import { command as demo } from './commands/demo.ts';

/** The subcommands that this package brings; `spikewire` finds them here by resolution. */
export const commands: readonly Command[] = [demo];
