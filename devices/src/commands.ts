import type { Command } from 'spikewire/cli';
import { devices } from './commands/devices.ts';

/** The subcommands that this package brings; `spikewire` finds them here by resolution. */
export const commands: readonly Command[] = [devices];
