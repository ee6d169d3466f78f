import { bytesText, numberText, percentText } from 'spikewire/page';
import type { DeviceDetails, HistoryEntry, MachineDetails } from '../../wire/wire.ts';
import type { ChangeKind } from '../changes.ts';
import { followLive } from '../live.ts';
import { type Content, make } from '../markup.ts';
import { card, type Fact, facts } from '../parts/facts.ts';
import { button, form, submit, textField } from '../parts/fields.ts';
import { healthMark } from '../parts/health-mark.ts';
import { historyTable } from '../parts/history-table.ts';
import { PagedList } from '../parts/paged-list.ts';
import { linkTo } from '../place.ts';
import { ShownLive } from '../shown-live.ts';
import { healthText } from '../text/health-text.ts';
import { labelsText, readLabels } from '../text/labels-text.ts';
import { liveText } from '../text/live-text.ts';
import { CARRYING_WORDS, orderText, shortHash, updateText } from '../text/machine-text.ts';
import { sinceText, timeText } from '../text/time-text.ts';
import { may, type Session, type View } from '../view.ts';

/** One device: its machines, what each runs and is told, and what was done to it. */
export class DeviceView implements View {
  readonly about: readonly ChangeKind[] = ['devices', 'history'];
  readonly #session: Session;
  readonly #path: string;
  readonly #history: PagedList<HistoryEntry>;
  readonly #id: string;
  readonly #live: ShownLive;
  #device: DeviceDetails | undefined;

  constructor(session: Session, id: string) {
    [this.#session, this.#id, this.#path] = [session, id, `devices/${encodeURIComponent(id)}`];
    this.#history = new PagedList(session, 'history', 'Entries');
    this.#live = new ShownLive(() => session.redraw());
  }

  get title(): string {
    return this.#device?.name || this.#id;
  }

  async read(): Promise<void> {
    const device = this.#session.api.get<DeviceDetails>(this.#path);
    await Promise.all([device, this.#history.read({ subject: this.#id })]);
    this.#device = await device;
  }

  follow(signal: AbortSignal): void {
    signal.addEventListener('abort', () => this.#live.clear());
    void followLive(this.#session.api, this.#id, (machines) => this.#live.take(machines), signal);
  }

  draw(): Content {
    const device = this.#device!;
    const now = this.#session.now;
    return [
      card(
        this.title,
        `device ${device.id}`,
        facts(factsOf(device, this.#session)),
        problemOf(device),
        this.#drawActions(device),
      ),
      device.machines.length === 0 &&
        card('Machines', '', make('p', { class: 'detail' }, 'It has not reported a machine yet.')),
      device.machines.map((machine) => drawMachine(machine, liveText(this.#live.of(machine.machine)), now)),
      card('History', 'what was done to this device', historyTable(this.#history.items), this.#history.buttons()),
    ];
  }

  #drawActions({ name, labels, health }: DeviceDetails): Content {
    const isGone = health === 'retired' || health === 'revoked';
    return [
      may(this.#session, 'operate') && [
        form(
          'name',
          (written) => void this.#change({ name: written('name').trim() }, 'The device has its new name.'),
          textField({ name: 'name', label: 'Name', value: name, required: true, longest: 64 }),
          submit('Rename'),
        ),
        form(
          'labels',
          (written) => this.#relabel(written('labels')),
          textField({
            name: 'labels',
            label: 'Labels',
            value: labelsText(labels, ''),
            placeholder: 'room=hall, floor=2',
          }),
          submit('Set labels'),
        ),
      ],
      may(this.#session, 'administer') &&
        make(
          'div',
          { class: 'actions' },
          !isGone && button('Retire …', () => void this.#retire()),
          health !== 'revoked' && button('Revoke …', () => void this.#revoke(), true),
        ),
    ];
  }

  #change(change: object, done: string): Promise<boolean> {
    return this.#session.act({ done, work: () => this.#session.api.send('PATCH', this.#path, change) });
  }

  #relabel(text: string): void {
    const work = async () => this.#session.api.send('PATCH', this.#path, { labels: readLabels(text) });
    void this.#session.act({ done: 'The device has its new labels.', work });
  }

  #retire(): Promise<boolean> {
    return this.#session.act({
      question:
        `Retire “${this.title}”? It gets no more orders and leaves its rollouts; its machines keep what they ` +
        `run. Its history remains.`,
      ...{ confirm: 'Retire', danger: true, done: 'The device is retired.' },
      work: () => this.#session.api.send('POST', `${this.#path}/retire`),
    });
  }

  #revoke(): Promise<boolean> {
    return this.#session.act({
      question:
        `Revoke “${this.title}”? The controller refuses its key at once and permanently. To come back, the ` +
        `device needs a new key and a join token.`,
      ...{ confirm: 'Revoke', danger: true, done: 'The key of the device is refused.' },
      work: () => this.#session.api.send('POST', `${this.#path}/revoke`),
    });
  }
}

function factsOf(device: DeviceDetails, { now, status }: Session): Fact[] {
  const { health, seen, joined, version, platform, memory, labels, backups, shared } = device;
  return [
    ['Health', healthMark(health), healthText(health, status.silentAfter)],
    ['Last report', sinceText(seen, now), seen === null ? undefined : timeText(seen)],
    ['Joined', timeText(joined)],
    ['Labels', labelsText(labels), 'put devices into groups; rollouts choose devices by them'],
    ['Version', version ?? 'not reported', 'of spikewire on the device'],
    ['Platform', platform ?? 'not reported'],
    [
      'Memory for nets',
      memory === null ? 'not reported' : bytesText(memory),
      'that all nets of the device may take together',
    ],
    [
      'Newest backup',
      backups[0] === undefined ? 'none' : `${timeText(backups[0].time)}, ${bytesText(backups[0].bytes)}`,
      'of what its machines have learned, encrypted by the device',
    ],
    [
      'Shared lessons',
      shared[0] === undefined
        ? 'none'
        : `${timeText(shared[0].time)}: sums of ${numberText(shared[0].samples)} lessons, ${bytesText(shared[0].bytes)}`,
      shared[0] === undefined
        ? 'what leaves this device for rounds; only if its owner agrees'
        : `the newest of what has left this device: for round ${shared[0].round}`,
    ],
  ];
}

function drawMachine(machine: MachineDetails, live: string, now: number): Content {
  const { refused } = machine;
  return card(
    `Machine ${machine.machine}`,
    `model ${machine.model}, channel ${machine.channel}`,
    make('p', { class: 'live' }, live),
    problemOf(machine),
    facts([...runsOf(machine), ...answersOf(machine), ...toldOf(machine, now)]),
    refused.length > 0 &&
      make(
        'details',
        {},
        make('summary', {}, `Bases that it tried and did not keep (${refused.length})`),
        make(
          'ul',
          {},
          refused.map(({ sha256, reason }) => make('li', {}, `${shortHash(sha256)}: ${reason}`)),
        ),
      ),
  );
}

function runsOf({ base, former, candidate, state, groups }: MachineDetails): Fact[] {
  const since = base === null ? '' : `since ${timeText(Date.parse(base.since))} by the clock of the device`;
  const way = base?.carrying ? `; ${CARRYING_WORDS[base.carrying]}` : '';
  return [
    ['Base that answers', base === null ? 'none yet' : `${base.name} (${shortHash(base.sha256)})`, `${since}${way}`],
    ['Update', updateText(state), candidate === null ? undefined : `new base ${shortHash(candidate)}`],
    ['Former base', former === null ? 'none' : shortHash(former), 'to which the machine can return'],
    ['Groups', groups.join(', ') || 'none', 'by which its repository offers it special models'],
  ];
}

function answersOf({ accuracy, lessons, readings, alarms, drift }: MachineDetails): Fact[] {
  const right = accuracy === null ? 'not known' : `${numberText(accuracy.right)} of ${numberText(accuracy.of)}`;
  const share =
    accuracy === null ? 'no label yet' : `${percentText(accuracy.right / accuracy.of)} of the newest labelled readings`;
  return [
    ['Right answers', right, share],
    ['Lessons', numberText(lessons), 'labels that it has learned from since this base answers'],
    ['Readings', numberText(readings), 'since its process began'],
    ['Alarms', numberText(alarms), 'since its process began'],
    ['Drift', drift ? 'yes' : 'no', 'whether the input differs from what it was'],
  ];
}

function toldOf({ order, rollout, pinned, reported }: MachineDetails, now: number): Fact[] {
  const link = rollout && make('a', { href: linkTo('rollouts', rollout.id) }, rollout.name);
  return [
    ['Order', orderText(order), 'what the controller tells it at present'],
    ['Rollout', link ?? 'none', 'the open one that it is in'],
    ['Pinned', pinned ? 'yes' : 'no', 'whether a person at the device has forbidden updates'],
    ['Last report', sinceText(reported, now), timeText(reported)],
  ];
}

function problemOf({ problem }: { readonly problem: string | null }): Content {
  return problem !== null && make('p', { class: 'problem' }, `Problem: ${problem}`);
}
