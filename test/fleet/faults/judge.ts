import type { LeaseRow, Plan, RolloutMachineRow, RolloutRow } from '@spikewire/fleet/controller';
import type { DeviceReport, MachineOrder, MachineReport, Orders } from 'spikewire/agent';
import { allowedBases, allows, placesOfWave } from './allowed.ts';
import type { Action, ChangedRows, Counts, DeviceEnd, Moment, Operation, ReportedRow, RunHistory } from './history.ts';
import { noteOf, problemsOf } from './noted.ts';

/** Something that must not happen, with the number of the moment that shows it; the end comes after all moments. */
export interface Violation {
  readonly moment: number;
  readonly rule: string;
  readonly what: string;
}

/** By their names in violations. */
export const RULES = {
  signed: 'no base answers that the repository has not signed, or without an order to install it',
  ordered:
    'an order to try or to install a base belongs to a rollout that allows it: open and begun there, past its ' +
    'shadow gate and on a place of a wave that has begun; to leave one, to a rollout that was stopped',
  paused: 'in a pause, only a machine that has begun to try a base, or has it, is told to try or to install it',
  gate: 'a first wave begins by the evidence of at least 50 devices that judge, or by a person where it is held',
  phases: 'a rollout goes from phase to phase and from wave to wave as the plan says, and never on from its end',
  waves: 'a wave reaches its share of the machines that can get the base when it begins, and keeps its places',
  places: 'a machine keeps its place, no two machines have the same, and together they are all places from 0 on',
  single: 'a machine is in at most one open rollout',
  labels:
    'counts of a rollout are those of the accepted reports, each once: the newest ones of each trial and of each ' +
    'time after it, added up; and their sums are shown',
  counters: 'counters of accepted requests rise, no request is accepted twice, and the last counter is remembered',
  orders: 'a device is told that its orders still hold only where they are the ones that a controller has given it',
  leases: 'epochs of a lease only rise, and nobody with an earlier one changes a rollout',
  history: 'the chain of entries is whole; each act, each transition and each joining is noted exactly once',
  ends: 'machines of a stopped rollout end without its base; those of a done one with it, or with a reason why not',
  liveness: 'when the faults have ended, all rollouts end within three weeks, with all orders carried out',
} as const;
export type Rule = keyof typeof RULES;

const COUNTS: readonly (keyof Counts)[] = ['compared', 'differed', 'labelled', 'gained', 'lost'];
/** Of devices, and of readings of each, without which nothing begins by itself. */
const LEAST_JUDGES = 50;
const LEAST_COMPARED = 50;
const FOLLOWING: Readonly<Record<string, readonly string[]>> = {
  shadow: ['held', 'waves', 'stopped'],
  held: ['waves', 'done', 'stopped'],
  waves: ['waves', 'held', 'done', 'stopped'],
};

/** Judges what happened by rules of its own: it shares no code with the controller or with devices. */
export function judge({ moments, end }: RunHistory): Violation[] {
  const judging = new Judging();
  for (const [number, moment] of moments.entries()) judging.take(number, moment);
  judging.end(moments.length, end);
  return judging.violations;
}

/** Rollouts as they were at a moment. */
type Snapshot = ReadonlyMap<string, RolloutRow>;
type Sent = Extract<Moment, { kind: 'sent' }>;

interface DeviceSeen {
  first: string | undefined;
  base: string | undefined;
  /** All that have answered. */
  readonly had: Set<string>;
  orders: Orders | undefined;
  /** When the device last began to install something. */
  installing: MachineOrder | undefined;
  counter: number;
}

class Judging {
  readonly violations: Violation[] = [];
  #now = 0;
  readonly #signed = new Set<string>();
  readonly #sent = new Map<number, Sent>();
  /** By the version that each reports. */
  readonly #requests = new Map<string, number>();
  /** The transaction that has accepted each request. */
  readonly #accepted = new Map<number, number>();
  readonly #answered = new Set<number>();
  readonly #devices = new Map<string, DeviceSeen>();
  #rollouts: Snapshot = new Map();
  readonly #machines = new Map<string, RolloutMachineRow>();
  readonly #leases = new Map<string, LeaseRow>();
  readonly #epochs = new Map<string, number>();
  /** Before and after each transaction: another one may come between in PostgreSQL. */
  readonly #states = new Map<number, Snapshot[]>();
  readonly #etags = new Map<string, string>();
  /** What machines have counted by accepted reports, by row: in each trial, and in the time after each. */
  readonly #counted = new Map<string, Map<string, Counts>>();
  readonly #expectedNotes: string[] = [];
  readonly #committedActs = new Set<number>();

  #say(rule: Rule, what: string): void {
    this.violations.push({ moment: this.#now, rule, what });
  }

  take(number: number, moment: Moment): void {
    this.#now = number;
    switch (moment.kind) {
      case 'published':
        this.#signed.add(moment.sha256);
        break;
      case 'sent':
        this.#sent.set(moment.request, moment);
        this.#requests.set(moment.report.version, moment.request);
        break;
      case 'begun':
        this.#states.set(moment.transaction, [this.#rollouts]);
        break;
      case 'committed':
        this.#commit(moment.transaction, moment.operation, moment.rows);
        break;
      case 'answered':
        this.#answer(moment);
        break;
      case 'heard':
        this.#device(moment.device).orders = moment.orders;
        break;
      case 'entered':
        if (moment.state === 'install') this.#device(moment.device).installing = this.#orderOf(moment.device);
        break;
      case 'answers':
        this.#answersWith(moment.device, moment.base);
        break;
      case 'took':
        this.#take(moment.name, moment.epoch);
        break;
      case 'done':
        if (moment.problem === undefined && !this.#committedActs.has(moment.act))
          this.#say('history', `${moment.action} was said to be done, and no transaction did it`);
    }
  }

  #device(id: string): DeviceSeen {
    const known = this.#devices.get(id);
    if (known !== undefined) return known;
    const empty = { first: undefined, base: undefined, orders: undefined, installing: undefined };
    const seen: DeviceSeen = { ...empty, had: new Set(), counter: 0 };
    this.#devices.set(id, seen);
    return seen;
  }

  #orderOf(device: string): MachineOrder | undefined {
    return Object.values(this.#device(device).orders?.machines ?? {})[0];
  }

  #answersWith(id: string, base: string): void {
    const device = this.#device(id);
    device.first ??= base;
    const isOrdered = [device.installing, this.#orderOf(id)].some(
      (order) => order?.kind === 'install' && order.sha256 === base,
    );
    // What has answered before is what a machine may return to.
    const isOwn = base === device.first || device.had.has(base);
    if (!isOwn && !this.#signed.has(base)) this.#say('signed', `${id} answers with ${base}, which nobody has signed`);
    if (!isOwn && !isOrdered) this.#say('signed', `${id} answers with ${base} without an order`);
    device.had.add(base);
    device.base = base;
  }

  #take(name: string, epoch: number): void {
    const before = this.#epochs.get(name) ?? 0;
    if (epoch <= before) this.#say('leases', `epoch ${epoch} of ${name} was given after ${before}`);
    this.#epochs.set(name, Math.max(epoch, before));
  }

  #commit(transaction: number, operation: Operation | undefined, rows: ChangedRows): void {
    const changed = rows.rollouts.filter((row) => !isSame(row, this.#rollouts.get(row.id)));
    const accepted = rows.reported.flatMap((row) => this.#accept(row, transaction) ?? []);
    for (const row of changed) this.#judgeChange(this.#rollouts.get(row.id), row, operation);
    if (operation?.kind === 'act') {
      this.#committedActs.add(operation.act);
      if (changed.length !== 1) this.#say('history', `${operation.action} has changed ${changed.length} rollouts`);
    }
    if (operation?.kind === 'join') this.#expectedNotes.push(noteOf(operation.device, 'join', operation.device));
    if (operation?.kind === 'look') this.#judgeLook(operation);
    this.#rollouts = new Map([...this.#rollouts, ...rows.rollouts.map((row) => [row.id, row] as const)]);
    for (const lease of rows.leases) this.#judgeLease(lease);
    for (const row of rows.machines) this.#judgeMachine(row);
    this.#states.get(transaction)?.push(this.#rollouts);
    for (const request of accepted) this.#count(request);
    if (rows.machines.length > 0) this.#judgeMemberships();
  }

  #judgeLook({ rollout, epoch, hasLooked }: Extract<Operation, { kind: 'look' }>): void {
    const newest = this.#epochs.get(rollout) ?? 0;
    if (hasLooked && epoch < newest) this.#say('leases', `a look at ${rollout} with epoch ${epoch} after ${newest}`);
  }

  #judgeLease(lease: LeaseRow): void {
    const before = this.#leases.get(lease.name);
    this.#leases.set(lease.name, lease);
    if (before === undefined) return;
    const isBack = lease.epoch < before.epoch;
    if (isBack) this.#say('leases', `epoch ${lease.epoch} of ${lease.name} came after ${before.epoch}`);
    if (lease.holder !== before.holder && lease.epoch === before.epoch)
      this.#say('leases', `${lease.holder} has ${lease.name} with the epoch of ${before.holder}`);
  }

  /** A rollout begins, advances or ends, or somebody does something to it. */
  #judgeChange(before: RolloutRow | undefined, after: RolloutRow, operation: Operation | undefined): void {
    if (before === undefined) {
      const isBegun = operation?.kind === 'act' && operation.action === 'begin';
      if (!isBegun || after.phase !== 'shadow') this.#say('phases', `${after.id} began in ${after.phase}`);
      if (operation?.kind === 'act') this.#expectedNotes.push(noteOf(operation.person, 'begin', after.id));
      return;
    }
    const { id } = after;
    if (before.ended !== null) this.#say('phases', `${id} has changed after its end`);
    if (before.sha256 !== after.sha256 || before.plan !== after.plan) this.#say('phases', `${id} is another rollout`);
    if (before.waves === after.waves && before.wavePlaces !== after.wavePlaces)
      this.#say('waves', `${id} has other places in the waves that have begun`);
    if (before.paused !== after.paused) this.#judgeAct(operation, after.paused ? 'pause' : 'resume', id);
    if (before.phase === after.phase && before.waves === after.waves) {
      if (before.since !== after.since) this.#say('phases', `${id} was set back`);
      return;
    }
    this.#judgePhase(before, after, operation);
  }

  #judgePhase(before: RolloutRow, after: RolloutRow, operation: Operation | undefined): void {
    const { id, phase, waves } = after;
    const isNext = phase === 'waves' ? waves === before.waves + 1 : waves === before.waves;
    const { waves: shares } = planOf(after);
    const isLast = phase !== 'done' || waves === shares.length;
    if (!(FOLLOWING[before.phase] ?? []).includes(phase) || !isNext || !isLast || waves > shares.length)
      this.#say('phases', `${id} went from ${before.phase} ${before.waves} to ${phase} ${waves}`);
    if ((phase === 'done' || phase === 'stopped') !== (after.ended !== null))
      this.#say('phases', `${id} is ${phase}, and ${after.ended === null ? 'has no end' : 'has ended'}`);
    if (operation?.kind === 'look') {
      this.#expectedNotes.push(noteOf('controller', 'advance', id, phase, waves));
      if (before.paused && phase !== 'stopped') this.#say('phases', `${id} went on to ${phase} in a pause`);
      if (before.phase === 'held' && phase !== 'stopped') this.#say('phases', `${id} went on without a person`);
    } else this.#judgeAct(operation, phase === 'stopped' ? 'abort' : 'approve', id);
    if (before.waves === 0 && waves > 0) this.#judgeGate(before, operation);
    if (phase === 'waves') this.#judgeWave(before, after);
  }

  #judgeWave(before: RolloutRow, after: RolloutRow): void {
    const earlier = placesIn(before);
    const rows = [...this.#machines.values()].filter((row) => row.rollout === after.id);
    const expected = [...earlier, Math.max(earlier.at(-1) ?? 0, placesOfWave(after, rows))];
    if (`${placesIn(after)}` !== `${expected}`)
      this.#say('waves', `${after.id} has waves with ${placesIn(after)} places, not with ${expected}`);
  }

  #judgeAct(operation: Operation | undefined, action: Action, id: string): void {
    if (operation?.kind === 'act' && operation.action === action)
      this.#expectedNotes.push(noteOf(operation.person, action, id));
    else this.#say('phases', `${id} has changed as by ${action}, in the transaction of ${operation?.kind}`);
  }

  #judgeGate(before: RolloutRow, operation: Operation | undefined): void {
    if (operation?.kind === 'act') {
      if (before.phase !== 'held') this.#say('gate', `${before.id} was approved in ${before.phase}`);
      return;
    }
    const judges = [...this.#machines.values()].filter(
      (row) => row.rollout === before.id && row.labelled > 0 && row.compared >= LEAST_COMPARED,
    );
    const losses = judges.map((row) => {
      const { differed, compared, labelled, lost, gained } = this.#countedOf(row);
      return ((differed / compared) * (lost - gained)) / labelled;
    });
    const mean = losses.reduce((sum, each) => sum + each, 0) / losses.length;
    const isPast = judges.length >= LEAST_JUDGES && mean < planOf(before).gates.goMargin;
    if (!isPast) this.#say('gate', `${before.id} went on by ${judges.length} devices, with a loss of ${mean}`);
  }

  /** The request that a transaction has accepted, by the row of its device. */
  #accept({ id, counter, version }: ReportedRow, transaction: number): number | undefined {
    const request = this.#requests.get(version ?? '');
    if (request === undefined || this.#accepted.has(request)) return undefined;
    const [device, sent] = [this.#device(id), this.#sent.get(request)!];
    if (sent.device !== id || sent.counter !== counter)
      this.#say('counters', `${id} has ${counter} after request ${request}, which had ${sent.counter}`);
    if (counter <= device.counter) this.#say('counters', `${counter} of ${id} was accepted after ${device.counter}`);
    device.counter = counter;
    this.#accepted.set(request, transaction);
    return request;
  }

  #judgeMachine(row: RolloutMachineRow): void {
    const before = this.#machines.get(keyOf(row));
    this.#machines.set(keyOf(row), row);
    if (before !== undefined && before.place !== row.place)
      this.#say('places', `${row.device} went from place ${before.place} to ${row.place}`);
  }

  #judgeMemberships(): void {
    const open = new Set<string>();
    for (const row of this.#machines.values()) {
      if (this.#rollouts.get(row.rollout)?.ended !== null) continue;
      const machine = `${row.device} ${row.machine}`;
      if (open.has(machine)) this.#say('single', `${machine} is in two open rollouts`);
      open.add(machine);
    }
  }

  /** A report holds all that was counted since the trial or the time after it began; less, after a loss of power. */
  #count(request: number): void {
    const { device, report } = this.#sent.get(request)!;
    for (const row of this.#machines.values()) {
      const rollout = this.#rollouts.get(row.rollout)!;
      const reported = report.machines.find(({ machine }) => row.device === device && machine === row.machine);
      if (reported === undefined || rollout.ended !== null) continue;
      const { trial, base } = reported;
      if (trial?.sha256 === rollout.sha256 && trial.ways[0] !== undefined) {
        const runs = this.#counted.get(keyOf(row)) ?? new Map<string, Counts>();
        const run = `${base?.sha256 === rollout.sha256} ${trial.begun}`;
        const counts = countsOf(trial.ways[0]);
        if (counts.compared >= (runs.get(run)?.compared ?? 0)) runs.set(run, counts);
        this.#counted.set(keyOf(row), runs);
      }
      this.#judgeCounts(row);
    }
  }

  #countedOf(row: RolloutMachineRow): Counts {
    return summed([...(this.#counted.get(keyOf(row))?.values() ?? [])]);
  }

  #judgeCounts(row: RolloutMachineRow): void {
    const expected = this.#countedOf(row);
    const wrong = COUNTS.find((name) => row[name] !== expected[name]);
    if (wrong !== undefined)
      this.#say(
        'labels',
        `${row.device} has ${wrong} ${row[wrong]} in ${row.rollout}, reported were ${expected[wrong]}`,
      );
  }

  #answer({ request, answer }: Extract<Moment, { kind: 'answered' }>): void {
    const sent = this.#sent.get(request)!;
    const key = (etag: string | undefined) => `${sent.device} ${etag}`;
    const transaction = this.#accepted.get(request);
    if (transaction === undefined) this.#say('counters', `request ${request} was answered, and not accepted`);
    if (this.#answered.has(request)) this.#say('counters', `request ${request} was accepted twice`);
    this.#answered.add(request);
    if (answer === null) {
      const given = this.#etags.get(key(sent.etag));
      if (given === undefined) this.#say('orders', `${sent.device} has no orders that could still hold`);
      else this.#judgeOrders(sent, JSON.parse(given) as Orders, transaction);
      return;
    }
    const text = JSON.stringify(answer.orders);
    const before = this.#etags.get(key(answer.etag));
    if (before !== undefined && before !== text) this.#say('orders', `${answer.etag} stands for different orders`);
    this.#etags.set(key(answer.etag), text);
    this.#judgeOrders(sent, answer.orders, transaction);
  }

  #judgeOrders({ device, report }: Sent, { machines }: Orders, transaction: number | undefined): void {
    const states = this.#states.get(transaction ?? 0) ?? [this.#rollouts];
    for (const [machine, order] of Object.entries(machines)) {
      if (!('sha256' in order)) continue;
      const reported = machineIn(report, machine);
      const isAllowed = (ignoresPause: boolean) =>
        states.some((rollouts) =>
          [...rollouts.values()].some((rollout) => {
            const row = this.#machines.get(keyOf({ rollout: rollout.id, device, machine }));
            const isAbout = row !== undefined && rollout.sha256 === order.sha256;
            return isAbout && allows(rollout, row, order, reported, ignoresPause);
          }),
        );
      if (isAllowed(false)) continue;
      const rule = isAllowed(true) ? 'paused' : 'ordered';
      this.#say(rule, `${device} is told to ${order.kind} ${order.sha256.slice(0, 8)}, and no rollout allows that`);
    }
  }

  end(number: number, end: RunHistory['end']): void {
    this.#now = number;
    if (!end.isReached) this.#say('liveness', 'rollouts are open');
    for (const { id, ended } of end.rollouts) if (ended === null) this.#say('liveness', `${id} is open`);
    for (const [id, counter] of Object.entries(end.counters)) {
      const last = this.#device(id).counter;
      if (last !== counter) this.#say('counters', `the last counter of ${id} is ${counter}, accepted was ${last}`);
    }
    for (const row of end.machines) this.#judgeCounts(row);
    for (const rollout of end.rollouts) this.#judgeEndOf(rollout, end);
    for (const problem of problemsOf(end.noted, this.#expectedNotes)) this.#say('history', problem);
    for (const device of end.devices) this.#judgeDevice(device, end);
  }

  #judgeEndOf({ id, machines, ended }: RolloutRow, end: RunHistory['end']): void {
    const rows = end.machines.filter(({ rollout }) => rollout === id);
    const places = rows.map(({ place }) => place).sort((a, b) => a - b);
    if (places.length !== machines || places.some((place, k) => place !== k))
      this.#say('places', `${id} has ${machines} machines on the places ${places}`);
    if (ended !== null && rows.some(({ standing }) => standing === 'open'))
      this.#say('single', `${id} has ended, and has machines that are in it`);
    const expected = summed(rows.map((row) => this.#countedOf(row)));
    const wrong = COUNTS.find((name) => end.shown[id]![name] !== expected[name]);
    if (wrong !== undefined)
      this.#say('labels', `${id} shows ${wrong} ${end.shown[id]![wrong]}, not ${expected[wrong]}`);
  }

  #judgeDevice({ device, entry, problem }: DeviceEnd, { rollouts, machines }: RunHistory['end']): void {
    const { first, base } = this.#device(device);
    const own = rollouts.filter(({ id }) => machines.some((row) => row.rollout === id && row.device === device));
    const allowed = allowedBases(first!, own, { ...entry, problem });
    const current = entry.current!.sha256;
    if (!allowed.has(current))
      this.#say('ends', `${device} ends with ${current}, not with ${[...allowed].join(' or ')}`);
    if (base !== current) this.#say('ends', `${device} answers with ${base}, and believes that it is ${current}`);
  }
}

function machineIn({ machines }: DeviceReport, name: string): MachineReport | undefined {
  return machines.find(({ machine }) => machine === name);
}

function planOf({ plan }: RolloutRow): Plan {
  return JSON.parse(plan) as Plan;
}

function placesIn({ wavePlaces }: RolloutRow): readonly number[] {
  return JSON.parse(wavePlaces) as number[];
}

function keyOf({ rollout, device, machine }: Pick<RolloutMachineRow, 'rollout' | 'device' | 'machine'>): string {
  return `${rollout} ${device} ${machine}`;
}

function countsOf(counts: Counts): Counts {
  const { compared, differed, labelled, gained, lost } = counts;
  return { compared, differed, labelled, gained, lost };
}

function summed(all: readonly Counts[]): Counts {
  const total = (name: keyof Counts) => all.reduce((sum, each) => sum + each[name], 0);
  return Object.fromEntries(COUNTS.map((name) => [name, total(name)])) as unknown as Counts;
}

function isSame(row: RolloutRow, before: RolloutRow | undefined): boolean {
  return (
    JSON.stringify({ ...row, installed: 0, machines: 0 }) ===
    JSON.stringify(before && { ...before, installed: 0, machines: 0 })
  );
}
