import type { DashboardNetState } from '../../source.ts';
import type { ReadingsEvent, StatusEvent } from '../../wire.ts';
import { element } from '../element.ts';
import {
  agoText,
  bytesText,
  durationText,
  numberText,
  readingsText,
  scoreText,
  withUnit,
} from '../text/number-text.ts';

/** Of a digest, enough to tell models apart. */
const SHOWN_DIGITS = 12;

/** Everything that is a single number, as a list of names and values. */
export class FiguresView {
  readonly #list = element('figures', HTMLElement);
  readonly #values = new Map<string, HTMLElement>();
  #newest: ReadingsEvent | null = null;
  #digest: string | undefined;
  /** Difference between the server's clock and ours, in milliseconds. */
  #clockOffset = 0;

  /** @param digest of the model of the net, where it is known */
  begin(digest: string | undefined): void {
    this.#digest = digest;
    this.#newest = null;
    this.#values.clear();
    this.#list.replaceChildren();
  }

  add(event: ReadingsEvent): void {
    this.#newest = event;
    this.#clockOffset = event.status.now - Date.now();
  }

  tell(status: StatusEvent): void {
    if (this.#newest !== null) this.#newest = { ...this.#newest, status: { ...this.#newest.status, ...status } };
  }

  draw(state: DashboardNetState | undefined): void {
    if (this.#newest === null) {
      return;
    }
    const { seq, score, limit, error, rate, status } = this.#newest;
    const { counters, engine, memory, saved, storeProblem } = status;
    this.#set('Reading', numberText(seq.at(-1)));
    // What nothing watches has none.
    if ((limit.at(-1) ?? null) !== null) {
      this.#set('Score', scoreText(score.at(-1), limit.at(-1)));
      this.#set('Flagged', readingsText(state?.flags ?? 0));
      this.#set('Learning error', withUnit(error.at(-1)));
    }
    this.#set('Spikes', withUnit(status.spikes, 'a reading'));
    this.#set('Rate', withUnit(rate.at(-1), 'Hz'));
    this.#set('Latency', durationText(status.latencyMicroseconds));
    this.#set('Memory of process', bytesText(memory.resident));
    this.#set('Memory of net', bytesText(memory.network));
    if (engine !== undefined) this.#set('Engine', engine);
    if (this.#digest !== undefined) this.#set('Model', this.#digest.slice(0, SHOWN_DIGITS), `SHA-256 ${this.#digest}`);
    const newest = saved === null ? 'not yet' : `no. ${saved.sequence}, ${this.#whenSaved(saved.time)}`;
    this.#set('Saved', storeProblem === undefined ? newest : `⚠ in memory only, saved ${newest}`, storeProblem);
    this.#set('Messages', `${numberText(counters.received)} in, ${numberText(counters.published)} out`);
    this.#set('Refused', `${numberText(counters.bad)} bad, ${numberText(counters.dropped)} dropped`);
    this.#set('Merged in the plots', readingsText(status.merged));
  }

  /** A state that was there when the net opened has the time 0. */
  #whenSaved(time: number): string {
    return time === 0 ? 'before it started' : this.#ago(time);
  }

  #ago(time: number): string {
    return agoText(Date.now() + this.#clockOffset - time);
  }

  /** @param why shown to whoever points at it */
  #set(name: string, text: string, why = ''): void {
    let value = this.#values.get(name);
    if (value === undefined) {
      const entry = document.createElement('div');
      const term = document.createElement('dt');
      value = document.createElement('dd');
      term.textContent = name;
      entry.append(term, value);
      this.#list.append(entry);
      this.#values.set(name, value);
    }
    value.textContent = text;
    value.title = why;
  }
}
