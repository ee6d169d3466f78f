import type { Command } from 'spikewire/cli';
import { command as demo } from './commands/demo.ts';

/** The subcommands that this package brings; package.json names this module. */
export const commands: readonly Command[] = [demo];
