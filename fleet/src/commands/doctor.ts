import { SpikewireError } from '@spikewire/models';
import { type CommandConsole, programVersion } from 'spikewire/cli';
import type {
  ControllerStatus,
  DeviceSummary,
  OfferPage,
  PageOf,
  Person,
  RolloutSummary,
} from '../controller/wire/wire.ts';
import type { Action } from './action.ts';
import { ControllerClient, TALKING } from './controller/client.ts';
import { checkServedHistory } from './controller/served-history.ts';

interface Finding {
  readonly check: string;
  readonly state: 'ok' | 'note' | 'bad';
  readonly found: string;
  /** What to do about it. */
  readonly advice?: string;
}

const MARKS: Readonly<Record<Finding['state'], string>> = { ok: 'ok  ', note: 'note', bad: 'BAD ' };
const MINUTE = 60_000;
/** Enough for several 100,000 entries. */
const HISTORY_MILLISECONDS = 30_000;

export const doctorAction: Action = {
  name: 'doctor',
  doc: 'check a running controller, and say what is missing',
  options: [...TALKING],

  async run(_, args, console) {
    const client = await ControllerClient.of(args);
    const status = await client.get<ControllerStatus>('/v1/status');
    const findings = [
      { check: 'controller', state: 'ok', found: `answers; you are ${status.person} (${status.role})` } as const,
      ...[await wayOf(client), versionOf(status), clockOf(status), devicesOf(status), await keysOf(client)],
      ...[await historyOf(client, console), await repositoryOf(client), await rolloutsOf(client)],
      ...(status.role === 'administer' ? [await peopleOf(client)] : []),
    ];
    console.result({ findings }, () => findings.flatMap(linesOf));
    const bad = findings.filter(({ state }) => state === 'bad').length;
    if (bad > 0)
      throw new SpikewireError('unsupported', 'doctor', `${bad} of ${findings.length} checks failed`, 'none');
  },
};

function linesOf({ check, state, found, advice }: Finding): string[] {
  const line = `${MARKS[state]}  ${check.padEnd(10)}  ${found}`;
  return advice === undefined ? [line] : [line, `${' '.repeat(18)}→ ${advice}`];
}

/** Whether others on the way to the controller can read the token. */
async function wayOf({ address }: ControllerClient): Promise<Finding> {
  const { isLoopback } = await import('spikewire/dashboard');
  const isHere = isLoopback(address.hostname.replace(/^\[|\]$/g, ''));
  if (isHere) return { check: 'way', state: 'ok', found: 'this machine' };
  if (address.protocol === 'https:') return { check: 'way', state: 'ok', found: 'TLS' };
  const advice = 'put a proxy with TLS before the controller, and use its https address';
  return { check: 'way', state: 'bad', found: 'tokens cross the network in clear', advice };
}

function versionOf({ version }: ControllerStatus): Finding {
  const own = programVersion();
  if (version === own) return { check: 'version', state: 'ok', found: version };
  return { check: 'version', state: 'note', found: `the controller has ${version}, this program ${own}` };
}

function clockOf({ now }: ControllerStatus): Finding {
  const minutes = Math.round((now - Date.now()) / MINUTE);
  if (minutes === 0) return { check: 'clock', state: 'ok', found: 'the database has the time of this machine' };
  const found = `the clock of the database is ${Math.abs(minutes)} min ${minutes > 0 ? 'ahead' : 'behind'}`;
  return { check: 'clock', state: 'note', found, advice: 'let both follow a time server' };
}

function devicesOf({ devices }: ControllerStatus): Finding {
  const { reporting, problem, silent } = devices;
  const members = reporting + problem + silent;
  const found = `${members}: ${reporting} report, ${problem} report a problem, ${silent} are silent`;
  if (members === 0)
    return { check: 'devices', state: 'note', found: 'none', advice: '"spikewire fleet token" lets devices join' };
  if (problem + silent === 0) return { check: 'devices', state: 'ok', found };
  return { check: 'devices', state: 'note', found, advice: '"spikewire fleet devices --health silent" lists them' };
}

/** Whether each device has a key of its own. */
async function keysOf(client: ControllerClient): Promise<Finding> {
  const { DOUBLED } = await import('../controller/devices/doubled.ts');
  const { items } = await client.get<PageOf<DeviceSummary>>('/v1/devices', { health: 'problem', limit: '100' });
  const doubled = items.filter(({ problem }) => problem === DOUBLED);
  if (doubled.length === 0) return { check: 'keys', state: 'ok', found: 'no two computers report with one key' };
  const names = doubled.slice(0, 5).map(({ id, name }) => `${name} (${id})`);
  const many = doubled.length === 1 ? '1 device is' : `${doubled.length} devices are`;
  const found = `${many} several computers with one key: ${names.join(', ')}`;
  return { check: 'keys', state: 'bad', found, advice: 'remove .fleet from the copies, and let them join' };
}

/** Computed here, whatever the controller says of it. */
async function historyOf(client: ControllerClient, console: CommandConsole): Promise<Finding> {
  const check = await checkServedHistory(client, { console, within: HISTORY_MILLISECONDS });
  if (check.kind === 'broken') {
    const advice = 'compare with a backup: somebody has changed the database';
    return { check: 'history', state: 'bad', found: `entry ${check.number} was changed or is missing`, advice };
  }
  const { number } = check.head;
  if (!check.isCut) return { check: 'history', state: 'ok', found: `the hashes of all ${number} entries are right` };
  const found = `the hashes of the first ${number} entries are right; the later ones were not checked, to save time`;
  return { check: 'history', state: 'note', found, advice: '"spikewire fleet history" checks all entries' };
}

async function repositoryOf(client: ControllerClient): Promise<Finding> {
  const { problem } = await client.get<OfferPage>('/v1/offers', { limit: '1' });
  if (problem === null) return { check: 'repository', state: 'ok', found: 'can be read, and its signatures are right' };
  const advice = '"spikewire fleet serve --repository --root"; "spikewire fleet verify" says more';
  return { check: 'repository', state: 'note', found: problem, advice };
}

async function rolloutsOf(client: ControllerClient): Promise<Finding> {
  const { items } = await client.get<PageOf<RolloutSummary>>('/v1/rollouts', { phase: 'open' });
  const waiting = items.filter(({ phase, paused }) => phase === 'held' || paused);
  if (waiting.length === 0) return { check: 'rollouts', state: 'ok', found: `${items.length} open, none waits` };
  const found = waiting.map(({ id, name, reason }) => `${name} (${id}) waits${reason ? `: ${reason}` : ''}`).join('; ');
  return { check: 'rollouts', state: 'note', found, advice: '"spikewire fleet rollout approve" or "resume"' };
}

async function peopleOf(client: ControllerClient): Promise<Finding> {
  const { items } = await client.get<PageOf<Person>>('/v1/people', { limit: '100' });
  const administrators = items.filter(({ role }) => role === 'administer').length;
  if (administrators > 1) return { check: 'people', state: 'ok', found: `${administrators} administer` };
  const advice = '"spikewire fleet people add <name> --role administer"; else only "fleet serve --renew-token" helps';
  return { check: 'people', state: 'note', found: 'one administers: a lost token locks you out', advice };
}
