import { join } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import { askAgent } from '../../agent/control/control-socket.ts';
import { SOCKET_ACTIONS, type UpdateRequest } from '../../agent/control/protocol.ts';
import { CARRYING, type Carrying } from '../../agent/repository/offer.ts';
import { Journal, type JournalEntry } from '../../agent/update/journal.ts';
import type { UpdateStatus } from '../../agent/update/status.ts';
import type { UpdateTrial } from '../../desk/updates.ts';
import type { Command, CommandArguments } from '../command.ts';
import { updateFolderOf } from '../update-options.ts';

/** `spikewire agent`: what a running process does about updates, and what a person decides. */
export const command: Command = {
  name: 'agent',
  summary: 'show and control the updates of a running "spikewire run --update"',
  group: 'Operate',
  examples: ['status --store learned', 'approve --store learned'],
  positionals: [
    {
      name: 'action',
      doc:
        'status; look: check for updates now; approve: end the trial and install the model on trial; ' +
        'rollback: return to the former model; pin: keep the present model and stop updates; unpin: allow updates',
      words: SOCKET_ACTIONS,
    },
  ],
  options: {
    store: { type: 'string', value: '<folder>', doc: 'the --store of the running process' },
    'update-folder': { type: 'string', value: '<folder>', doc: 'its --update-folder (default: <store>-update)' },
    carrying: {
      type: 'string',
      value: CARRYING.join('|'),
      doc:
        'with approve: what becomes of what was learned: carry (it continues whole if the models allow it, else the ' +
        'kept lessons are taught again), rebase (the learned difference is added to the new model) or reset (the new ' +
        'model starts without it); default: the way with the most right answers in the trial',
    },
  },

  async run(args, console) {
    const folder = updateFolderOf(args);
    if (folder === undefined)
      throw new SpikewireError('usage', 'spikewire agent', 'needs the folder of updates', '--store or --update-folder');
    const request = requestOf(args);
    const status = (await askAgent(folder, request)) as UpdateStatus | undefined;
    if (status !== undefined) return console.result(status, () => linesOf(status));
    const entry = request.action === 'status' ? await Journal.peek(join(folder, 'journal')) : undefined;
    if (entry === undefined) {
      const expected = 'a running "spikewire run --update"';
      throw new SpikewireError('usage', `updates in ${folder}`, 'no process runs them', expected);
    }
    console.result({ ...entry, running: false }, () => entryLines(entry));
  },
};

function requestOf(args: CommandArguments): UpdateRequest {
  const action = args.positionals[0] as UpdateRequest['action'];
  if (!SOCKET_ACTIONS.includes(action))
    throw new SpikewireError('usage', `spikewire agent ${action}`, 'is not an action', SOCKET_ACTIONS.join(', '));
  const carrying = args.text('carrying') as Carrying | undefined;
  return action === 'approve' ? { action, ...(carrying !== undefined && { carrying }) } : { action };
}

function linesOf({ summary, current, trial, questions, refused, problem }: UpdateStatus): string[] {
  return [
    summary,
    ...(current === null ? [] : [`  answers since ${current.since}: ${current.name}, digest ${current.digest}`]),
    ...trial.map(trialLine),
    ...(questions.length === 0 ? [] : [`  labels wanted for ${questions.length} readings:`]),
    ...questions.map(
      ({ net, time, answering, watched }) =>
        `    ${new Date(time).toISOString()}${net === '' ? '' : ` ${net}`}: ${answering} (answered), or ${watched}?`,
    ),
    ...(problem === null ? [] : [`  last problem: ${problem}`]),
    ...refused.slice(-3).map(({ name, reason, time }) => `  not installed, ${time}: ${name}: ${reason}`),
  ];
}

function trialLine({ carrying, compared, differed, labelled, newRight, oldRight, ended, ...evidence }: UpdateTrial) {
  const { evidenceOfNotWorse: go, evidenceOfWorse: abort } = evidence;
  return [
    `  ${carrying}: ${differed} of ${compared} answers differ, ${labelled} of them labelled`,
    `right: new ${newRight}, old ${oldRight}`,
    `evidence: not worse ${go.toPrecision(3)}, worse ${abort.toPrecision(3)}`,
    ...(ended === null ? [] : [ended]),
  ].join('; ');
}

function entryLines({ state, current, refused }: JournalEntry): string[] {
  return [
    `no process runs; ${current?.name ?? 'no model'} runs at the next start (state: ${state})`,
    ...refused.slice(-3).map(({ name, reason, time }) => `  not installed, ${time}: ${name}: ${reason}`),
  ];
}
