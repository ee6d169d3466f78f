import { SpikewireError } from '@spikewire/models';
import { type CommandArguments, type CommandConsole, formatTable } from 'spikewire/cli';
import type { OfferPage, RoundDetails, RoundRequest, RoundSummary } from '../controller/wire/wire.ts';
import type { Action } from './action.ts';
import { ControllerClient, TALKING } from './controller/client.ts';
import { labelsIn, labelsText } from './controller/labels.ts';
import { timeText } from './controller/times.ts';
import { PUBLIC_MODE, writeNewFile } from './new-file.ts';

const ACTS = ['list', 'begin', 'show', 'close', 'fetch'] as const;

const DEFAULT_CHANNEL = 'stable';
const DEFAULT_LIMIT = 20;
/** Of a model file, in bytes. */
const LARGEST_RESULT = 2 ** 27;

export const roundAction: Action = {
  name: 'round',
  doc: 'let devices whose owners agree learn from each other: collect sums of their lessons, and make a model of them',
  subject: {
    name: 'act',
    doc: 'list (default); begin; show; close (take no more parts); fetch (write the model that a round has made)',
    words: ACTS,
    optional: true,
  },
  more: [{ name: 'round', doc: 'id of the round; for begin the name of the model in the repository', optional: true }],
  options: [...TALKING, 'limit', 'channel', 'sha256', 'label', 'cohort', 'most', 'fewest', 'days', 'method', 'out'],
  docs: {
    limit: 'list at most so many rounds (default: 20)',
    channel: 'begin: release channel of the model (default: stable)',
    label: 'begin: ask only devices with this label; may be repeated',
  },

  async run(word = 'list', args, console) {
    const act = ACTS.find((each) => each === word);
    const where = `spikewire fleet round ${word}`;
    if (act === undefined) throw new SpikewireError('usage', where, 'is unknown', ACTS.join(', '));
    const client = await ControllerClient.of(args);
    const [, , subject] = args.positionals;
    if (act === 'list')
      return list(client, args.number('limit', { minimum: 1, whole: true }) ?? DEFAULT_LIMIT, console);
    if (subject === undefined) {
      const expected = act === 'begin' ? 'the name of a model' : 'the id of a round';
      throw new SpikewireError('usage', where, 'names nothing', expected);
    }
    if (act === 'begin') return begin(client, subject, args, console);
    const path = `/v1/rounds/${encodeURIComponent(subject)}`;
    if (act === 'show') return show(await client.get<RoundDetails>(path), console);
    if (act === 'fetch') return fetchResult(client, subject, args.needed('out', 'a new model file'), console);
    await client.send('POST', `${path}/close`);
    console.result({ round: subject, done: act }, () => `${subject}: takes no more parts`);
  },
};

async function list(client: ControllerClient, limit: number, console: CommandConsole): Promise<void> {
  const { items, isWhole } = await client.list<RoundSummary>('/v1/rounds', {}, limit);
  console.result({ rounds: items, isWhole }, () => {
    const rows = items.map((round) => [
      ...[round.id, round.model, round.channel, labelsText(round.labels) || 'all', phaseText(round)],
      ...[partsText(round), timeText(round.begun), round.begunBy],
    ]);
    const header = ['round', 'model', 'channel', 'devices', 'phase', 'parts', 'begun', 'by'];
    return rows.length === 0 ? ['no rounds'] : formatTable(header, rows);
  });
}

async function begin(
  client: ControllerClient,
  model: string,
  args: CommandArguments,
  console: CommandConsole,
): Promise<void> {
  const { DEFAULT_ROUND } = await import('../controller/rounds/beginning.ts');
  const channel = args.text('channel') ?? DEFAULT_CHANNEL;
  const whole = { minimum: 1, whole: true };
  const request: RoundRequest = {
    ...{ model, channel, base: args.text('sha256') ?? (await offered(client, model, channel)) },
    labels: labelsIn(args.texts('label'), '--label'),
    method: (args.text('method') ?? DEFAULT_ROUND.method) as RoundRequest['method'],
    cohort: args.number('cohort', whole) ?? DEFAULT_ROUND.cohort,
    most: args.number('most', whole) ?? DEFAULT_ROUND.most,
    fewest: args.number('fewest', whole) ?? DEFAULT_ROUND.fewest,
    days: args.number('days', { minimum: 0 }) ?? DEFAULT_ROUND.days,
  };
  const { id } = await client.send<{ id: string }>('POST', '/v1/rounds', request);
  console.result({ round: id }, () => `${id}: has begun; "spikewire fleet round show ${id}" shows how it goes`);
}

/** The base that the repository offers now. Throws `usage` where it offers none, or different ones to groups. */
async function offered(client: ControllerClient, model: string, channel: string): Promise<string> {
  const { items, problem } = await client.get<OfferPage>('/v1/offers', { model, channel });
  if (items.length === 1) return items[0]!.sha256;
  const what = items.length > 1 ? 'is offered in several files' : (problem ?? 'is not offered by the repository');
  throw new SpikewireError('usage', `model ${model}, channel ${channel}`, what, '--sha256 with that of a file');
}

function show(round: RoundDetails, console: CommandConsole): void {
  const { id, model, channel, base, cohort, fewest, method, leftOut, lessons, reason } = round;
  console.result(round, () => [
    `round ${id}: ${phaseText(round)}${reason === null ? '' : `: ${reason}`}`,
    `model ${model}, channel ${channel}, base ${base}; devices: ${labelsText(round.labels) || 'all'}`,
    `begun ${timeText(round.begun)} by ${round.begunBy}; closes ${timeText(round.deadline)} at the latest`,
    `parts: ${partsText(round)}, with ${lessons} lessons; at least ${cohort} parts of ${fewest} lessons or more`,
    `method: ${method}`,
    ...leftOut.map((group) => `left out: ${group.parts} (${group.reason})`),
    ...(round.resultSha256 === null
      ? []
      : [`result: file ${round.resultSha256}; next: spikewire fleet round fetch ${id} --out ${model}.spike`]),
  ]);
}

async function fetchResult(client: ControllerClient, id: string, file: string, console: CommandConsole): Promise<void> {
  const path = `/v1/rounds/${encodeURIComponent(id)}`;
  const { model, channel, resultSha256 } = await client.get<RoundDetails>(path);
  const bytes = await client.bytes(`${path}/result`, {}, LARGEST_RESULT);
  await writeNewFile(file, bytes, PUBLIC_MODE);
  console.result({ round: id, file, sha256: resultSha256 }, () => [
    `${file}: ${bytes.length} bytes, SHA-256 ${resultSha256}; nobody has signed it yet`,
    `next: try it on labelled readings ("spikewire eval"), then "spikewire fleet publish ${file} --name ${model} ` +
      `--channel ${channel} …" and a rollout`,
  ]);
}

const PHASES: Readonly<Record<RoundSummary['phase'], string>> = {
  open: 'takes parts',
  closing: 'computes its result',
  done: 'has a result',
  empty: 'ended without a result',
};

function phaseText({ phase }: RoundSummary): string {
  return PHASES[phase];
}

function partsText({ parts, most, taken, ended }: RoundSummary): string {
  return `${parts} of at most ${most} came${ended === null ? '' : `, ${taken} taken`}`;
}
