import { numberText, percentText } from 'spikewire/page';
import type { HistoryEntry, MachineState, RolloutDetails, RolloutMachine } from '../../wire.ts';
import type { ChangeKind } from '../changes.ts';
import { type Content, make } from '../markup.ts';
import { evidenceBar, markedBar, stackedBar } from '../parts/bars.ts';
import { card, type Fact, facts } from '../parts/facts.ts';
import { button, choice } from '../parts/fields.ts';
import { historyTable } from '../parts/history-table.ts';
import { PagedList } from '../parts/paged-list.ts';
import { table } from '../parts/table.ts';
import { linkTo } from '../place.ts';
import { cohortText } from '../text/labels-text.ts';
import { CARRYING_WORDS, MACHINE_STATES, MACHINE_WORDS, shortHash } from '../text/machine-text.ts';
import { evidenceShare, evidenceText, isOpen, phaseText, phaseWord, pointsText } from '../text/rollout-text.ts';
import { sinceText, spanText, timeText } from '../text/time-text.ts';
import { may, type Session, type View } from '../view.ts';

/** One rollout as it goes: where it stands, what labels say, which machines it has reached. */
export class RolloutView implements View {
  readonly about: readonly ChangeKind[] = ['rollouts', 'history'];
  readonly #session: Session;
  readonly #id: string;
  readonly #path: string;
  readonly #machines: PagedList<RolloutMachine>;
  readonly #history: PagedList<HistoryEntry>;
  #rollout: RolloutDetails | undefined;
  #state = '';

  constructor(session: Session, id: string) {
    [this.#session, this.#id, this.#path] = [session, id, `rollouts/${encodeURIComponent(id)}`];
    this.#machines = new PagedList(session, `${this.#path}/machines`, 'Machines');
    this.#history = new PagedList(session, 'history', 'Entries');
  }

  get title(): string {
    return this.#rollout?.name ?? 'Rollout';
  }

  async read(): Promise<void> {
    const rollout = this.#session.api.get<RolloutDetails>(this.#path);
    await Promise.all([
      rollout,
      this.#machines.read({ state: this.#state }),
      this.#history.read({ subject: this.#id }),
    ]);
    this.#rollout = await rollout;
  }

  draw(): Content {
    const rollout = this.#rollout!;
    const { now } = this.#session;
    return [
      card(
        this.title,
        `rollout ${rollout.id}`,
        drawStanding(rollout),
        this.#drawActions(rollout),
        facts(factsOf(rollout, now)),
      ),
      card('Machines by state', `${numberText(rollout.machines)} machines`, drawStates(rollout)),
      card('Waves', 'marks: shares of the machines that have the new base after each wave', drawWaves(rollout)),
      card('Old and new base', 'on the same readings, all machines together', drawEvidence(rollout)),
      card('Machines', 'in the order in which they get the base', this.#drawMachines()),
      card('Plan', 'what was decided when the rollout began', facts(planOf(rollout))),
      card(
        'History',
        'what was done, and what the controller decided',
        historyTable(this.#history.items),
        this.#history.buttons(),
      ),
    ];
  }

  #drawActions({ phase, paused, waves, plan, installed, exposed }: RolloutDetails): Content {
    if (!may(this.#session, 'release') || !isOpen(phase)) return null;
    const share = plan.waves[waves];
    const next =
      share === undefined
        ? 'The rollout ends; the new base stays on its machines, and the former one is no longer run beside it.'
        : `Wave ${waves + 1} of ${plan.waves.length} begins: the new base comes to ${percentText(share)} of the machines.`;
    return make(
      'div',
      { class: 'actions' },
      phase === 'held' &&
        button('Approve …', () => void this.#ask('approve', 'Approve', next, 'The rollout continues.')),
      paused
        ? button(
            'Resume …',
            () =>
              void this.#ask(
                'resume',
                'Resume',
                'Machines get orders of this rollout again.',
                'The rollout continues.',
              ),
          )
        : button(
            'Pause …',
            () =>
              void this.#ask(
                'pause',
                'Pause',
                'No machine gets a new order; each keeps what it runs.',
                'The rollout is paused.',
              ),
          ),
      button(
        'Abort …',
        () => void this.#ask('abort', 'Abort', abortText(installed, exposed), 'The rollout is stopped.', true),
        true,
      ),
    );
  }

  #ask(action: string, confirm: string, what: string, done: string, danger = false): Promise<boolean> {
    const work = () => this.#session.api.send('POST', `${this.#path}/${action}`);
    return this.#session.act({ question: `${confirm} “${this.title}”? ${what}`, confirm, danger, done, work });
  }

  #drawMachines(): Content {
    const states = MACHINE_STATES.map((state) => [state, MACHINE_WORDS[state][0]] as const);
    const choose = (event: Event) => {
      this.#state = (event.target as HTMLSelectElement).value;
      void this.#session.refresh();
    };
    const now = this.#session.now;
    const rows = this.#machines.items.map((each) => ({
      key: `${each.device} ${each.machine}`,
      cells: cellsOf(each, now),
    }));
    const columns = [
      'Machine',
      'State',
      'Compared',
      'Different',
      'Labelled',
      'Only new right',
      'Only old right',
      'Last report',
      'Problem',
    ];
    return [
      make('div', { class: 'fields', change: choose }, choice('state', 'State', this.#state, [['', 'all'], ...states])),
      table('Machines of the rollout', columns, rows, 'No machine is in this state.'),
      this.#machines.buttons(),
    ];
  }
}

function abortText(installed: number, exposed: number): string {
  const here =
    installed === 1
      ? '1 machine, on which the new base answers, returns'
      : `${numberText(installed)} machines, on which the new base answers, return`;
  const back =
    exposed === 0
      ? 'The new base has answered nowhere; all trials end.'
      : `${here} to the former base; all trials end.`;
  return `${back} An aborted rollout cannot be resumed.`;
}

function drawStanding(rollout: RolloutDetails): Content {
  return [
    make('p', { class: 'standing', 'data-phase': rollout.phase }, make('strong', {}, phaseWord(rollout))),
    make('p', {}, phaseText(rollout, rollout.plan.waves.length)),
  ];
}

function factsOf(rollout: RolloutDetails, now: number): Fact[] {
  const { name, model, channel, sha256, labels, since, begun, begunBy, ended, exposed, machines, expectedEnd, phase } =
    rollout;
  const end: Fact =
    ended === null
      ? [
          'Expected end',
          expectedEnd === null ? 'not known' : timeText(expectedEnd),
          'at the earliest, if nothing stops or holds it',
        ]
      : ['Ended', timeText(ended), `after ${spanText(ended - begun)}`];
  return [
    ['New base', `${name} (${shortHash(sha256)})`, `model ${model}, channel ${channel}`],
    ['For', cohortText(labels), `${numberText(machines)} machines`],
    [
      'Exposed',
      `${numberText(exposed)} of ${numberText(machines)} machines`,
      'on which the new base answers, or has answered',
    ],
    ['Begun', timeText(begun), `by ${begunBy}`],
    ...(isOpen(phase) ? [['In this state', `for ${spanText(now - since)}`, `since ${timeText(since)}`] as const] : []),
    end,
  ];
}

function drawStates({ states }: RolloutDetails): Content {
  const label = MACHINE_STATES.map((state) => `${states[state]} ${MACHINE_WORDS[state][0].toLowerCase()}`).join(', ');
  return [
    stackedBar(
      label,
      MACHINE_STATES.map((state) => ({ kind: state, amount: states[state] })),
    ),
    make(
      'ul',
      { class: 'legend' },
      MACHINE_STATES.map((state) => legendLine(state, states[state])),
    ),
  ];
}

function legendLine(state: MachineState, machines: number): Content {
  const [word, about] = MACHINE_WORDS[state];
  return make(
    'li',
    { 'data-kind': state },
    make('strong', {}, `${numberText(machines)} `),
    word,
    make('small', { class: 'detail' }, about),
  );
}

function drawWaves({ marks, installed, machines }: RolloutDetails): Content {
  const rows = marks.map(({ share, machines: reached, begun }, k) => ({
    key: String(k),
    cells: [`Wave ${k + 1}`, percentText(share), numberText(reached), begun === null ? 'not yet' : timeText(begun)],
  }));
  const label = `${installed} of ${machines} machines have the new base`;
  return [
    markedBar(
      label,
      machines === 0 ? 0 : installed / machines,
      marks.map(({ share }) => share),
    ),
    make('p', { class: 'detail' }, `${numberText(installed)} of ${numberText(machines)} machines have the new base.`),
    table(
      'Waves',
      ['Wave', 'Share of all machines', 'Machines with the new base at its end', 'Began'],
      rows,
      'The plan has no wave.',
    ),
  ];
}

function drawEvidence({ counts, judging, evidence, plan: { gates } }: RolloutDetails): Content {
  const { compared, differed, labelled, gained, lost } = counts;
  return [
    facts([
      ['Only the new base was right', numberText(gained), 'labelled readings'],
      ['Only the old base was right', numberText(lost), 'labelled readings'],
      [
        'Labelled',
        numberText(labelled),
        `of ${numberText(differed)} readings with different answers, of ${numberText(compared)} compared`,
      ],
      ['Machines with labels', numberText(judging), 'at least one label each'],
    ]),
    drawValue(
      'It is worse',
      evidence.worse,
      gates.abortEvidence,
      'worse',
      `that the new base is worse by more than ${pointsText(gates.abortMargin)}; at the limit the rollout stops`,
    ),
    drawValue(
      'It is not worse',
      evidence.notWorse,
      gates.goEvidence,
      'good',
      `that the new base is worse by less than ${pointsText(gates.goMargin)}, or better; at the limit the first wave may begin`,
    ),
    make(
      'p',
      { class: 'detail' },
      'An e-value says how strongly the labels speak for a statement: 1 or less is no evidence, and by chance it ever reaches ' +
        'a limit L in at most one of L rollouts. The bars grow by factors: at half of a bar, the e-value is the square root of its limit.',
    ),
  ];
}

function drawValue(name: string, evidence: number, limit: number, kind: 'worse' | 'good', about: string): Content {
  const text = `e = ${evidenceText(evidence)}, limit ${numberText(limit)}`;
  return make(
    'div',
    { class: 'evidence' },
    make('p', {}, make('strong', {}, name), `: ${text}`, make('small', { class: 'detail' }, `evidence ${about}`)),
    evidenceBar(`${name}: ${text}`, evidenceShare(evidence, limit), kind),
  );
}

function planOf({ plan }: RolloutDetails): Fact[] {
  const { shadow, shadowDays, approval, waves, waveHours, mostFailed, mostSilent, carrying } = plan;
  return [
    ['Trial', `${numberText(shadow)} machines`, `for at most ${shadowDays} days, then a person decides`],
    [
      'First wave',
      approval ? 'waits for approval' : 'begins by itself',
      'when labels show that the new base is not worse',
    ],
    ['Waves', waves.map((share) => percentText(share)).join(', '), `each watched for ${waveHours} hours`],
    ['Most failed', percentText(mostFailed), 'of the machines that tried it; above, the rollout stops'],
    ['Most silent', percentText(mostSilent), 'of the machines of a wave; above, a person decides'],
    ['What was learned', CARRYING_WORDS[carrying]],
  ];
}

function cellsOf(each: RolloutMachine, now: number): Content[] {
  const { device, name, machine, state, compared, differed, labelled, gained, lost, reported, problem } = each;
  return [
    make('a', { href: linkTo('devices', device) }, `${name || device}, ${machine}`),
    make('span', { class: 'state', 'data-kind': state, title: MACHINE_WORDS[state][1] }, MACHINE_WORDS[state][0]),
    ...[compared, differed, labelled, gained, lost].map(numberText),
    sinceText(reported, now),
    problem ?? '',
  ];
}
