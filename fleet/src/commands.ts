import type { Command } from 'spikewire/cli';
import { fleet } from './commands/fleet.ts';

/** The subcommands that this package brings; package.json names this module. */
export const commands: readonly Command[] = [fleet];
