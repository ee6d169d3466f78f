import { parse } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import type { Command, CommandArguments } from '../command.ts';

/** A command that systemd can run. */
export interface Installable {
  load(): Promise<Command>;
  /** What is to stand behind `--`, for errors. */
  readonly expected: string;
  /** Throws `usage` for what the command would refuse, or do and end. */
  check(asked: CommandArguments): void;
  /** Of the unit, where none is given. */
  nameOf(asked: CommandArguments): string;
  describe(asked: CommandArguments): string;
  /** Options whose value may be a file or folder that it reads in place. */
  readonly files: readonly string[];
  /** Files that must exist before it is installed. */
  needs(asked: CommandArguments): readonly string[];
  /** The option that names where it keeps what it learns. */
  readonly state: string;
}

const WHERE = 'spikewire service install';

export const INSTALLABLE: Readonly<Record<string, Installable>> = {
  run: {
    load: async () => (await import('./run.ts')).command,
    expected: 'run <model> and its options',
    check(asked) {
      if (asked.text('in') !== undefined || asked.text('sensor') !== undefined) return;
      const expected = `-- run ${asked.positionals[0]} --in <topic> --out <topic>, or --sensor <driver:address>`;
      throw new SpikewireError('usage', WHERE, 'has a model without a source of readings', expected);
    },
    nameOf: ({ positionals }) => parse(positionals[0]!).name,
    describe: (asked) =>
      `${parse(asked.positionals[0]!).base} on ${asked.text('in') ?? asked.text('sensor') ?? 'nothing'}`,
    files: ['beside', 'update', 'update-root'],
    // A plain word may be a built-in model; with --update the repository has it.
    needs: ({ positionals: [model = ''], text }) =>
      /^[\w-]+$/.test(model) || text('update') !== undefined ? [] : [model],
    state: 'store',
  },
  agent: {
    load: async () => (await import('./agent.ts')).command,
    expected: 'agent --repository <url|folder> --config <file> (or --groups <name>)',
    check(asked) {
      const [action] = asked.positionals;
      if (action !== undefined) {
        const problem = `cannot run "agent ${action}", which ends at once`;
        throw new SpikewireError('usage', WHERE, problem, `-- ${this.expected}`);
      }
      const isFollowed = asked.text('groups') !== undefined; // then the repository has the configuration
      for (const option of isFollowed ? ['repository'] : ['repository', 'config']) asked.needed(option, this.expected);
    },
    nameOf: () => 'agent',
    describe: (asked) => `agent of ${asked.text('config') ?? asked.text('groups')}`,
    files: ['repository', 'root', 'config'],
    needs: () => [],
    state: 'folder',
  },
};
