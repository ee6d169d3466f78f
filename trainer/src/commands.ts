import type { Command } from 'spikewire/cli';

/** The subcommands that this package brings; `spikewire` finds them here by resolution. */
export const commands: readonly Command[] = [];
