import { numberText } from 'spikewire/page';
import type { HistoryEntry, RolloutDetails, RolloutMachine } from '../../../wire/wire.ts';
import type { ChangeKind } from '../../changes.ts';
import { type Content, make } from '../../markup.ts';
import { card, facts } from '../../parts/facts.ts';
import { choice } from '../../parts/fields.ts';
import { historyTable } from '../../parts/history-table.ts';
import { PagedList } from '../../parts/paged-list.ts';
import { MACHINE_STATES, MACHINE_WORDS } from '../../text/machine-text.ts';
import type { Session, View } from '../../view.ts';
import { actionsOf } from './actions.ts';
import { drawEvidence } from './evidence.ts';
import { factsOf, planOf } from './facts-of-rollout.ts';
import { machineTable } from './machine-table.ts';
import { drawStanding, drawStates, drawWaves } from './progress.ts';

/** One rollout as it goes: where it stands, what labels say, which machines it has reached. */
export class RolloutView implements View {
  readonly about: readonly ChangeKind[] = ['rollouts', 'history'];
  readonly #session: Session;
  readonly #id: string;
  readonly #path: string;
  readonly #machines: PagedList<RolloutMachine>;
  readonly #history: PagedList<HistoryEntry>;
  #rollout: RolloutDetails | undefined;
  /** Machines that are shown; empty: in all states. */
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
    const machines = this.#machines.read({ state: this.#state });
    await Promise.all([rollout, machines, this.#history.read({ subject: this.#id })]);
    this.#rollout = await rollout;
  }

  draw(): Content {
    const rollout = this.#rollout!;
    const [standing, actions] = [drawStanding(rollout), actionsOf(rollout, this.#session, this.#path)];
    const history = [historyTable(this.#history.items), this.#history.buttons()];
    return [
      card(this.title, `rollout ${rollout.id}`, standing, actions, facts(factsOf(rollout, this.#session.now))),
      card('Machines by state', `${numberText(rollout.machines)} machines`, drawStates(rollout)),
      card('Waves', 'marks: shares of the machines that have the new base after each wave', drawWaves(rollout)),
      card('Old and new base', 'on the same readings, all machines together', drawEvidence(rollout)),
      card('Plan', 'what was decided when the rollout began', facts(planOf(rollout))),
      card('History', 'what was done, and what the controller decided', history),
      card('Machines', 'in the order in which they get the base', this.#drawMachines()),
    ];
  }

  #drawMachines(): Content {
    const states = MACHINE_STATES.map((state) => [state, MACHINE_WORDS[state][0]] as const);
    const choose = (event: Event) => {
      this.#state = (event.target as HTMLSelectElement).value;
      void this.#session.refresh();
    };
    return [
      make('div', { class: 'fields', change: choose }, choice('state', 'State', this.#state, [['', 'all'], ...states])),
      machineTable(this.#machines.items, this.#session.now),
      this.#machines.buttons(),
    ];
  }
}
