import { join } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import { askAgent } from '../../agent/control/control-socket.ts';
import { SOCKET_ACTIONS, type UpdateRequest } from '../../agent/control/protocol.ts';
import { CARRYING, type Carrying } from '../../agent/repository/offer.ts';
import { Journal, type JournalEntry } from '../../agent/update/journal.ts';
import { shownRefusal, type UpdateStatus } from '../../agent/update/status.ts';
import type { RefusedUpdate, UpdateTrial } from '../../desk/updates.ts';
import type { Command, CommandArguments } from '../command.ts';
import { updateFolderOf } from '../update-options.ts';

/** `spikewire agent`: what a running process does about updates, and what a person decides. */
export const command: Command = {
  name: 'agent',
  summary: 'show and decide the updates of a running "spikewire run --update"',
  group: 'Operate',
  examples: ['status --store learned', 'approve --store learned'],
  positionals: [
    {
      name: 'action',
      doc:
        'status, look (at the repository now), approve (install the model on trial), rollback (to the former model), ' +
        'retry (try a refused model again), pin (keep the present model) or unpin',
      words: SOCKET_ACTIONS,
    },
    {
      name: 'model',
      doc: 'with retry: name of the refused model, or how its SHA-256 begins; default: the one refused last',
      optional: true,
    },
  ],
  options: {
    store: { type: 'string', value: '<folder>', doc: 'the --store of the running process' },
    'update-folder': { type: 'string', value: '<folder>', doc: 'its --update-folder (default: <store>-update)' },
    carrying: {
      type: 'string',
      value: CARRYING.join('|'),
      doc:
        'with approve: carry (teach the new model the lessons again), rebase (add the learned difference) or reset ' +
        '(forget what was learned); default: the best in the trial',
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
      throw new SpikewireError('usage', folder, 'is used by no process', expected);
    }
    console.result({ ...entry, running: false }, () => entryLines(entry));
  },
};

function requestOf(args: CommandArguments): UpdateRequest {
  const action = args.positionals[0] as UpdateRequest['action'];
  if (!SOCKET_ACTIONS.includes(action))
    throw new SpikewireError('usage', `spikewire agent ${action}`, 'is not an action', SOCKET_ACTIONS.join(', '));
  const [, model] = args.positionals;
  if (model !== undefined && action !== 'retry')
    throw new SpikewireError('usage', `spikewire agent ${action}`, `does not take ${model}`, 'a model only with retry');
  if (action === 'retry') return { action, ...(model !== undefined && { model }) };
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
    ...refused.slice(-3).map(refusedLine),
  ];
}

function trialLine({
  carrying,
  compared,
  differed,
  labelled,
  newRight,
  oldRight,
  ended,
  held,
  runs,
  ...way
}: UpdateTrial) {
  const { evidenceOfNotWorse: go, evidenceOfWorse: abort, operations, calibration } = way;
  return [
    `  ${carrying}: ${differed} of ${compared} answers differ, ${labelled} of them labelled`,
    `right: new ${newRight}, old ${oldRight}`,
    `evidence: not worse ${go.toPrecision(3)}, worse ${abort.toPrecision(3)}`,
    ...(operations === null
      ? []
      : [`synaptic operations a sample: new ${Math.round(operations.new)}, old ${Math.round(operations.old)}`]),
    ...(calibration === null
      ? []
      : [
          `Brier score: new ${calibration.new.toFixed(3)}, old ${calibration.old.toFixed(3)} (${calibration.of} labels)`,
        ]),
    ...held.map((reason) => `needs approval: ${reason}`),
    ...(ended === null ? (runs ? [] : ['waits for its turn']) : [ended]),
  ].join('; ');
}

function refusedLine({ sha256, name, reason, time, cause, againAt }: RefusedUpdate): string {
  const again = againAt !== null ? `; tried again from ${againAt}` : cause === 'base' ? '; not from this model' : '';
  return `  not installed, ${time}: ${name} (${sha256.slice(0, 8)}): ${reason}${again}`;
}

function entryLines({ state, current, refused }: JournalEntry): string[] {
  return [
    `no process runs; ${current?.name ?? 'no model'} runs at the next start (state: ${state})`,
    ...refused.slice(-3).map((refusal) => refusedLine(shownRefusal(refusal))),
  ];
}
