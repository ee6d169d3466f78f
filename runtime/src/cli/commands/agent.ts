import { SOCKET_ACTIONS } from '../../agent/control/protocol.ts';
import { agentOptions, anyMachine, approveOptions, neededMachine, orderOptions } from '../agent-options.ts';
import type { Command, CommandAction, PositionalDeclaration } from '../command.ts';

const DOCS: Readonly<Record<(typeof SOCKET_ACTIONS)[number], string>> = {
  status: 'show which models run, are on trial and were refused',
  look: 'check for updates now',
  approve: 'end the trial and install the model on trial',
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

const actions = SOCKET_ACTIONS.map(
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
  ],
  positionals: [
    {
      name: 'action',
      doc:
        'command to a running agent, or to a running "spikewire run --update"; without an action, the agent starts ' +
        'and watches the machines of --config',
      words: SOCKET_ACTIONS,
      optional: true,
    },
    { ...model, doc: `for retry: ${model.doc}` },
  ],
  options: agentOptions,
  actions,

  async run(args, console) {
    if (args.positionals.length > 0) return (await import('../agent-orders.ts')).giveOrder(args, console);
    await (await import('../run-machines.ts')).runMachines(args, console);
  },
};
