import type { Command } from 'spikewire/cli';
import { devices } from './commands/devices.ts';

/** The subcommands that this package brings; package.json names this module. */
export const commands: readonly Command[] = [devices];
