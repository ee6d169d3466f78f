import { SOCKET_ACTIONS } from '../../agent/control/protocol.ts';
import { agentOptions } from '../agent-options.ts';
import type { Command } from '../command.ts';

/** `spikewire agent`: machines whose models come from a repository; and what a person decides about updates. */
export const command: Command = {
  name: 'agent',
  summary: 'run models from a repository on several machines; show and control updates',
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
        'ask a running agent, or a running "spikewire run --update": status; look: check for updates now; ' +
        'approve: end the trial and install the model on trial; rollback: return to the former model; ' +
        'retry: try a refused model again; pin: keep the present model and stop updates; unpin: allow updates; ' +
        'without an action, --repository runs the machines of --config',
      words: SOCKET_ACTIONS,
      optional: true,
    },
    {
      name: 'model',
      doc: 'with retry: name of the refused model, or how its SHA-256 begins; default: the one refused last',
      optional: true,
    },
  ],
  options: agentOptions,

  async run(args, console) {
    if (args.positionals.length > 0) return (await import('../agent-orders.ts')).giveOrder(args, console);
    await (await import('../run-machines.ts')).runMachines(args, console);
  },
};
