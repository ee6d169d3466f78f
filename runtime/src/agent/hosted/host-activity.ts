import { type Model, monitorNames, type Verdict } from '@spikewire/models';
import type { Desk } from '../../desk/desk.ts';
import type { KeptSession } from '../../session/kept/kept-session.ts';
import type { Outcome } from '../../session/outcome.ts';
import { type LiveValues, liveValues } from '../fleet/live.ts';
import type { MachineReport } from '../fleet/report.ts';

export type Activity = Pick<MachineReport, 'readings' | 'accuracy' | 'lessons' | 'alarms' | 'drift'>;

/** Labels that the accuracy is about. */
const NEWEST_LABELS = 200;
/** Kinds of monitors that watch for drift. */
const DRIFT_KINDS: readonly string[] = ['drift', 'average'];

/** What a controller wants to know of what a host does, from when it is opened. */
export class HostActivity {
  readonly #desk: Desk;
  /** Whether the answers to the newest labels were right. */
  #judged: boolean[] = [];
  /** Of each net: labels that judged an answer, and right answers among them. */
  #counted = new WeakMap<KeptSession, { readonly judged: number; readonly right: number }>();
  #lessons = 0;
  #alarms = 0;
  #drift = false;
  /** Names of the monitors of the model that watch for drift. */
  #driftMonitors: readonly string[];
  #newest: Outcome | undefined;

  constructor(desk: Desk) {
    this.#desk = desk;
    this.#driftMonitors = driftMonitors(desk.pool.model);
    desk.observe((_, __, outcome) => {
      this.#newest = outcome;
      this.#take(outcome.verdicts);
    });
    desk.observeAlarms((_, __, verdicts) => this.#take(verdicts));
    desk.observeLessons((_, __, kept) => this.#judge(kept));
    // What was counted is about the base before.
    desk.pool.observeReplaced(() => {
      [this.#judged, this.#lessons, this.#drift, this.#newest] = [[], 0, false, undefined];
      this.#driftMonitors = driftMonitors(desk.pool.model);
    });
  }

  #take(verdicts: readonly Verdict[]): void {
    if (verdicts.some(({ alarm }) => alarm)) this.#alarms++;
    this.#drift = verdicts.some(({ monitor, anomaly }) => anomaly && this.#driftMonitors.includes(monitor));
  }

  #judge(kept: KeptSession): void {
    this.#lessons++;
    const { judged = 0, accuracy } = kept.session.taught?.figures ?? {};
    const right = Math.round((accuracy?.served ?? 0) * judged);
    const before = this.#counted.get(kept);
    this.#counted.set(kept, { judged, right });
    // The first time it is not known what the last label has changed.
    if (before === undefined || judged !== before.judged + 1) return;
    this.#judged = [...this.#judged, right > before.right].slice(-NEWEST_LABELS);
  }

  get live(): LiveValues {
    return liveValues(this.#desk.readings.done, this.#desk.pool.model, this.#newest);
  }

  get figures(): Activity {
    const [of, right] = [this.#judged.length, this.#judged.filter(Boolean).length];
    return {
      readings: this.#desk.readings.done,
      accuracy: of === 0 ? null : { right, of },
      ...{ lessons: this.#lessons, alarms: this.#alarms, drift: this.#drift },
    };
  }
}

function driftMonitors({ monitors = [] }: Model): string[] {
  return monitorNames(monitors.filter(({ type }) => DRIFT_KINDS.includes(type)));
}
