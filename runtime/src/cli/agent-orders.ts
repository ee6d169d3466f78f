import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import { askAgent } from '../agent/control/control-socket.ts';
import type { SocketRequest, UpdateRequest } from '../agent/control/protocol.ts';
import type { MemberStatus, SharedPart } from '../agent/fleet/member.ts';
import type { MachineOrder } from '../agent/fleet/orders.ts';
import { lessonsText } from '../agent/fleet/shared-text.ts';
import { NO_MACHINES } from '../agent/machines/configuration.ts';
import type { MachinesStatus } from '../agent/machines/machines.ts';
import type { Carrying } from '../agent/repository/offer.ts';
import { Journal, type JournalEntry } from '../agent/update/journal.ts';
import { shownRefusal, type UpdateStatus } from '../agent/update/status.ts';
import type { RefusedUpdate, UpdateTrial } from '../desk/updates.ts';
import type { CommandArguments, CommandConsole } from './command.ts';
import { updateFolderOf } from './update-options.ts';

/** Asks a running "spikewire run --update", or a running agent for one or all of its machines. */
export async function giveOrder(args: CommandArguments, console: CommandConsole): Promise<void> {
  const request = requestOf(args);
  const folder = updateFolderOf(args);
  return folder === undefined ? askMachines(args.text('folder')!, request, console) : askOne(folder, request, console);
}

async function askOne(folder: string, request: SocketRequest, console: CommandConsole): Promise<void> {
  const status = (await askAgent(folder, request)) as UpdateStatus | undefined;
  if (status !== undefined) return console.result(status, () => linesOf(status));
  const entry = request.action === 'status' ? await peek(folder) : undefined;
  if (entry === undefined) throw usedByNone(folder, 'the --store of a running "spikewire run --update"');
  console.result({ ...entry, running: false }, () => entryLines(entry));
}

async function askMachines(folder: string, request: SocketRequest, console: CommandConsole): Promise<void> {
  const status = (await askAgent(folder, request)) as MachinesStatus | undefined;
  if (status !== undefined)
    return console.result(status, () => {
      if (status.machines.length === 0) return [NO_MACHINES];
      return [
        ...(status.controller === undefined ? [] : controllerLines(status.controller)),
        ...status.machines.flatMap(({ machine, summary, update }) =>
          named(machine, update ? linesOf(update) : [summary]),
        ),
      ];
    });
  const entries = request.action === 'status' ? await entriesOf(folder, request.machine) : [];
  if (entries.length === 0)
    throw usedByNone(
      folder,
      'the --folder of a running "spikewire agent", or the --store of a "spikewire run --update"',
    );
  const machines = entries.map(({ machine, entry }) => ({ machine, ...entry, running: false }));
  console.result({ machines }, () => entries.flatMap(({ machine, entry }) => named(machine, entryLines(entry))));
}

/** What machines of an agent that does not run have come to. */
async function entriesOf(folder: string, wanted: string | undefined) {
  const names = await readdir(folder).catch(() => []);
  const asked = names.sort().filter((name) => wanted === undefined || name === wanted);
  const all = asked.map(async (machine) => ({ machine, entry: await peek(join(folder, machine, 'update')) }));
  return (await Promise.all(all)).flatMap(({ machine, entry }) => (entry === undefined ? [] : [{ machine, entry }]));
}

function peek(folder: string): Promise<JournalEntry | undefined> {
  return Journal.peek(join(folder, 'journal'));
}

function usedByNone(folder: string, expected: string): SpikewireError {
  return new SpikewireError('usage', 'spikewire agent', `no running process uses the folder "${folder}"`, expected);
}

function named(machine: string, [first, ...more]: readonly string[]): string[] {
  return [`${machine}: ${first}`, ...more];
}

function requestOf(args: CommandArguments): SocketRequest {
  const action = args.positionals[0] as UpdateRequest['action'];
  const carrying = args.text('carrying') as Carrying | undefined;
  const machine = args.text('machine');
  const [, model] = args.positionals;
  if (model !== undefined && action !== 'retry')
    throw new SpikewireError('usage', `spikewire agent ${action}`, `does not take ${model}`, 'a model only with retry');
  return {
    action,
    ...(action === 'approve' && carrying !== undefined && { carrying }),
    ...(model !== undefined && { model }),
    ...(machine !== undefined && { machine }),
  } as SocketRequest;
}

function controllerLines(controller: MemberStatus): string[] {
  return [controllerLine(controller), ...sharedLines(controller.shared)];
}

/** The newest parts that are shown. */
const SHOWN_PARTS = 3;

function sharedLines(parts: readonly SharedPart[]): string[] {
  if (parts.length === 0) return [];
  const older = parts.length > SHOWN_PARTS ? ` (the newest ${SHOWN_PARTS} of ${parts.length})` : '';
  return [`  what has left this device${older}:`, ...parts.slice(-SHOWN_PARTS).map((part) => `    ${partLine(part)}`)];
}

function partLine({ round, machines, lessons, bytes, time, acknowledged, refused }: SharedPart): string {
  const end = refused !== undefined ? `; refused: ${refused}` : acknowledged ? '' : '; not acknowledged yet';
  return `${time}: sums of ${lessonsText(lessons)} of ${machines.join(', ')}, ${bytes} bytes, to round ${round}${end}`;
}

function controllerLine({ controller, device, membership, reported, problem }: MemberStatus): string {
  const last = reported === null ? 'has not reported since its start' : `last report ${reported}`;
  return `controller ${controller}: ${membership}, device ${device}, ${last}${problem === null ? '' : `; ${problem}`}`;
}

function linesOf({ summary, current, trial, questions, refused, problem, order }: UpdateStatus): string[] {
  return [
    summary,
    ...(order === null ? [] : [`  order of the controller: ${orderLine(order)}`]),
    ...(current === null ? [] : [`  answers since ${current.since}: ${current.name} (model digest ${current.digest})`]),
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

function orderLine(order: MachineOrder): string {
  const about = 'sha256' in order ? ` file ${order.sha256.slice(0, 8)}` : '';
  return `${order.kind}${about}${order.kind === 'install' && order.watch ? ', and watch the former one' : ''}`;
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
  const { operations, calibration } = way;
  return [
    `  ${carrying}: ${differed} of ${compared} answers differ, ${labelled} of them labelled`,
    `right: new ${newRight}, old ${oldRight}`,
    describeEvidence(labelled, way),
    ...(operations === null
      ? []
      : [`synaptic operations a sample: new ${Math.round(operations.new)}, old ${Math.round(operations.old)}`]),
    ...(calibration === null
      ? []
      : [
          `Brier score: new ${calibration.new.toFixed(3)}, old ${calibration.old.toFixed(3)}` +
            ` (${calibration.of} labels)`,
        ]),
    ...held.map((reason) => `needs approval: ${reason}`),
    ...(ended === null ? (runs ? [] : ['waits for its turn']) : [ended]),
  ].join('; ');
}

/** How far labels are from deciding; each e-value begins at 1. */
function describeEvidence(
  labelled: number,
  trial: Pick<UpdateTrial, 'evidenceOfNotWorse' | 'notWorseLimit' | 'evidenceOfWorse' | 'worseLimit'>,
): string {
  const { evidenceOfNotWorse: go, notWorseLimit, evidenceOfWorse: abort, worseLimit } = trial;
  if (labelled === 0 && go === 1 && abort === 1) return 'no evidence yet: no label where answers differ';
  const needed = (evidence: number, limit: number) => `${evidence.toPrecision(3)} of ${limit.toPrecision(3)} needed`;
  return `evidence that it is not worse: ${needed(go, notWorseLimit)}, that it is worse: ${needed(abort, worseLimit)}`;
}

function refusedLine({ sha256, name, reason, time, cause, againAt }: RefusedUpdate): string {
  const again = againAt !== null ? `; tried again from ${againAt}` : cause === 'base' ? '; not from this model' : '';
  return `  not in use since ${time}: ${name} (file ${sha256.slice(0, 8)}): ${reason}${again}`;
}

function entryLines({ state, current, refused }: JournalEntry): string[] {
  return [
    `no process runs; ${current?.name ?? 'no model'} runs at the next start (state: ${state})`,
    ...refused.slice(-3).map((refusal) => refusedLine(shownRefusal(refusal))),
  ];
}
