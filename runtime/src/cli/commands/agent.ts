import { SOCKET_ACTIONS } from '../../agent/control/protocol.ts';
import {
  agentOptions,
  anyMachine,
  approveOptions,
  neededMachine,
  orderOptions,
  restoreOptions,
} from '../agent-options.ts';
import type { Command, CommandAction, PositionalDeclaration } from '../command.ts';

const DOCS: Readonly<Record<(typeof SOCKET_ACTIONS)[number], string>> = {
  status: 'show which models run, are on trial and were refused',
  look: 'check for updates now',
  approve: 'install the new model now, without waiting for the end of its trial',
  rollback: 'return to the former model',
  retry: 'try a refused model again',
  pin: 'keep the present model and stop updates',
  unpin: 'allow updates',
};

/** Actions on what one machine has on trial or has refused. */
const DECISIONS: readonly string[] = ['approve', 'rollback', 'retry'];

const model: PositionalDeclaration = {
  name: 'model',
  doc: 'name of the refused model, or the first digits of its SHA-256 as status shows them (default: the latest one)',
  optional: true,
};

const backup: PositionalDeclaration = {
  name: 'file',
  doc: 'backup of a device that "spikewire fleet devices fetch-backup" has written',
};

const orders = SOCKET_ACTIONS.map(
  (name): CommandAction => ({
    name,
    doc: DOCS[name],
    options: {
      ...orderOptions,
      machine: DECISIONS.includes(name) ? neededMachine : anyMachine,
      ...(name === 'approve' ? approveOptions : {}),
    },
    positionals: name === 'retry' ? [model] : [],
  }),
);

const restore: CommandAction = {
  name: 'restore',
  doc: 'let the machines of this device continue with what another device had learned; no agent may run meanwhile',
  options: restoreOptions,
  positionals: [backup],
};

/** `spikewire agent`: machines whose models come from a repository; and what a person decides about updates. */
export const command: Command = {
  name: 'agent',
  summary: 'watch several machines from one device; get their models from a repository',
  group: 'Operate',
  examples: [
    '--repository https://models.example/site --root root.json --config agent.json',
    'status',
    'approve --machine pump',
    'approve --store learned',
    'restore north.backup --yes',
  ],
  positionals: [
    {
      name: 'action',
      doc:
        'restore, or a command to a running agent, or to a running "spikewire run --update"; without an action, the ' +
        'agent starts and watches the machines of --config',
      words: [...SOCKET_ACTIONS, restore.name],
      optional: true,
    },
    { name: 'model', doc: `for retry: ${model.doc}; for restore: ${backup.doc}`, optional: true },
  ],
  options: agentOptions,
  actions: [...orders, restore],

  async run(args, console) {
    if (args.positionals[0] === restore.name) return (await import('../agent-restore.ts')).restoreAgent(args, console);
    if (args.positionals.length > 0) return (await import('../agent-orders.ts')).giveOrder(args, console);
    await (await import('../run-machines.ts')).runMachines(args, console);
  },
};
