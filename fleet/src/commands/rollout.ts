import { SpikewireError } from '@spikewire/models';
import { type CommandConsole, formatTable } from 'spikewire/cli';
import type { OfferPage, RolloutDetails, RolloutSummary } from '../controller/wire/wire.ts';
import type { Action } from './action.ts';
import { ControllerClient, TALKING } from './controller/client.ts';
import { timeText } from './controller/times.ts';
import { rolloutIn } from './rollout-file.ts';

const STEERING = { approve: 'is approved', pause: 'is paused', resume: 'is resumed', abort: 'is stopped' } as const;
const ACTS = ['list', 'begin', 'status', ...(Object.keys(STEERING) as (keyof typeof STEERING)[])] as const;

const DEFAULT_CHANNEL = 'stable';
const DEFAULT_LIMIT = 20;

export const rolloutAction: Action = {
  name: 'rollout',
  doc: 'bring a new model to the machines of a fleet in steps, watch how it goes, and steer it',
  subject: {
    name: 'act',
    doc:
      'list (default); begin; status; approve (continue a rollout that waits for a person); pause; resume; abort ' +
      '(machines go back)',
    words: ACTS,
    optional: true,
  },
  more: [
    {
      name: 'rollout',
      doc:
        'id of the rollout; for begin a JSON file with model, and, where the defaults are not wanted, name, channel ' +
        '(stable), sha256 (what the repository offers), labels (of the devices; all) and plan (only what differs from ' +
        'the default plan; docs/guide/fleet.md explains it)',
      optional: true,
    },
  ],
  options: [...TALKING, 'limit'],
  docs: { limit: 'list at most so many rollouts (default: 20)' },

  async run(word = 'list', args, console) {
    const act = ACTS.find((each) => each === word);
    const where = `spikewire fleet rollout ${word}`;
    if (act === undefined) throw new SpikewireError('usage', where, 'is unknown', ACTS.join(', '));
    const client = await ControllerClient.of(args);
    const [, , subject] = args.positionals;
    if (act === 'list')
      return list(client, args.number('limit', { minimum: 1, whole: true }) ?? DEFAULT_LIMIT, console);
    if (subject === undefined)
      throw new SpikewireError(
        'usage',
        where,
        'names nothing',
        act === 'begin' ? 'a JSON file' : 'the id of a rollout',
      );
    if (act === 'begin') return begin(client, subject, console);
    const path = `/v1/rollouts/${encodeURIComponent(subject)}`;
    if (act === 'status') return show(await client.get<RolloutDetails>(path), console);
    await client.send('POST', `${path}/${act}`);
    console.result({ rollout: subject, done: act }, () => `${subject}: ${STEERING[act]}`);
  },
};

async function list(client: ControllerClient, limit: number, console: CommandConsole): Promise<void> {
  const { items, isWhole } = await client.list<RolloutSummary>('/v1/rollouts', {}, limit);
  console.result({ rollouts: items, isWhole }, () => {
    const rows = items.map((each) => [
      ...[each.id, each.name, each.model, each.channel, phaseText(each)],
      ...[`${each.installed} of ${each.machines}`, timeText(each.begun), each.begunBy],
    ]);
    const header = ['rollout', 'name', 'model', 'channel', 'phase', 'installed', 'begun', 'by'];
    return rows.length === 0 ? ['no rollouts'] : formatTable(header, rows);
  });
}

async function begin(client: ControllerClient, file: string, console: CommandConsole): Promise<void> {
  const { DEFAULT_PLAN } = await import('../controller/rollouts/plan.ts');
  const said = await rolloutIn(file, DEFAULT_PLAN);
  const plan = { ...DEFAULT_PLAN, ...said.plan, gates: { ...DEFAULT_PLAN.gates, ...said.plan?.gates } };
  const channel = said.channel ?? DEFAULT_CHANNEL;
  const sha256 = said.sha256 ?? (await offered(client, said.model, channel));
  const request = { labels: {}, name: said.model, ...said, channel, sha256, plan };
  const { id } = await client.send<{ id: string }>('POST', '/v1/rollouts', request);
  console.result({ rollout: id }, () => `${id}: has begun; "spikewire fleet rollout status ${id}" shows how it goes`);
}

/** The base that the repository offers now. Throws `usage` where it offers none, or different ones to groups. */
async function offered(client: ControllerClient, model: string | undefined, channel: string): Promise<string> {
  const { items: found, problem } = await client.get<OfferPage>('/v1/offers', { model, channel });
  if (model !== undefined && found.length === 1) return found[0]!.sha256;
  const where = `model ${model}, channel ${channel}`;
  const what = found.length > 1 ? 'is offered in several files' : (problem ?? 'is not offered by the repository');
  throw new SpikewireError('usage', where, what, 'the sha256 of a published file, or the model of one');
}

function show(rollout: RolloutDetails, console: CommandConsole): void {
  const { id, name, model, channel, sha256, plan, states, counts, evidence, exposed, machines, approvals } = rollout;
  const { gates } = plan;
  console.result(rollout, () => [
    `${name} (${id}): ${phaseText(rollout)} since ${timeText(rollout.since)}`,
    ...(rollout.reason === null ? [] : [`reason: ${rollout.reason}`]),
    ...(rollout.waitsUntil === null ? [] : [`waits until ${rollout.waitsUntil}`]),
    ...(approvals.length === 0 ? [] : [`approved by ${approvals.join(', ')}`]),
    `model ${model}, channel ${channel}, base ${sha256}`,
    `begun ${timeText(rollout.begun)} by ${rollout.begunBy}; expected end: ${
      rollout.expectedEnd === null ? 'unknown' : timeText(rollout.expectedEnd)
    }`,
    `machines: ${machines} (${statesText(states) || 'no longer listed'}); the new base answers or has answered on ` +
      `${exposed}`,
    `labels where both bases differ: ${counts.labelled}; only the new one right ${counts.gained}, only the old one ` +
      `${counts.lost}`,
    `e-value of worse ${evidence.worse.toPrecision(3)} (stops at ${gates.abortEvidence}), of not worse ` +
      `${evidence.notWorse.toPrecision(3)} (continues at ${gates.goEvidence})`,
  ]);
}

function phaseText({ phase, waves, paused }: RolloutSummary): string {
  const text = { shadow: 'tried beside', waves: `wave ${waves}`, held: 'held', done: 'done', stopped: 'stopped' }[
    phase
  ];
  return paused ? `${text}, paused` : text;
}

function statesText(states: RolloutDetails['states']): string {
  const present = Object.entries(states).filter(([, count]) => count > 0);
  return present.map(([state, count]) => `${count} ${state}`).join(', ');
}
