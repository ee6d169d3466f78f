import type { DashboardNetState } from '../../source.ts';
import type { ListedNet, NetsPage } from '../../wire.ts';
import { element } from '../element.ts';
import type { HeldFlags } from '../held-flags.ts';
import { numberText } from '../text/number-text.ts';
import { NetRow } from './net-row.ts';

/** Nets that are found at a glance. */
const FEW_NETS = 8;

/** Between two looks at the list, and between two that bring the courses too. */
const LOOK_MILLISECONDS = 1000;
const COURSES_MILLISECONDS = 10_000;

/** For so long after the pointer or a key moved in the list its rows stay where they are, so that nobody misses one. */
const STILL_MILLISECONDS = 3000;

/**
 * The nets as a list that can be searched, page by page. The page asks for what is in sight and for nothing else, while
 * the panel is closed only for how many there are.
 */
export class NetsView {
  readonly #panel = element('nets-panel', HTMLDetailsElement);
  readonly #summary = element('nets-summary', HTMLElement);
  readonly #search = element('nets-search', HTMLInputElement);
  readonly #parent = element('nets', HTMLElement);
  readonly #pages = element('nets-pages', HTMLElement);
  readonly #range = element('nets-range', HTMLElement);
  readonly #before = element('nets-before', HTMLButtonElement);
  readonly #after = element('nets-after', HTMLButtonElement);
  readonly #rows = new Map<string, NetRow>();
  readonly #choose: (net: string) => void;
  readonly #held: HeldFlags;
  readonly #changed: () => void;
  #chosen = '';
  #chosenFlags: number | undefined;
  #page = 0;
  #total = 0;
  #unusual = 0;
  #isConnected = false;
  #asking: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #coursesAt = Number.NEGATIVE_INFINITY;
  #movedAt = Number.NEGATIVE_INFINITY;

  /** @param changed called when there is news to draw: the card of the net is drawn together with the list */
  constructor(choose: (net: string) => void, held: HeldFlags, changed: () => void) {
    this.#choose = choose;
    this.#held = held;
    this.#changed = changed;
    this.#panel.open = matchMedia('(min-width: 700px)').matches;
    this.#panel.addEventListener('toggle', () => this.#askAnew());
    this.#search.addEventListener('input', () => this.#turn(0));
    this.#before.addEventListener('click', () => this.#turn(this.#page - 1));
    this.#after.addEventListener('click', () => this.#turn(this.#page + 1));
    for (const kind of ['pointermove', 'pointerdown', 'keydown'] as const) {
      this.#parent.addEventListener(kind, () => {
        this.#movedAt = performance.now();
      });
    }
  }

  /** @param isConnected whether the server is there to be asked */
  connect(isConnected: boolean): void {
    if (isConnected === this.#isConnected) return;
    this.#isConnected = isConnected;
    if (isConnected) this.#askAnew();
    else this.#forget();
  }

  begin(chosen: string): void {
    if (chosen !== this.#chosen) this.#chosenFlags = undefined;
    this.#chosen = chosen;
    this.#check();
  }

  #check(): void {
    for (const [id, { input }] of this.#rows) input.checked = id === this.#chosen;
  }

  /** How the net is that is looked at, of which the server speaks by itself. */
  tell(state: DashboardNetState | null): void {
    if (state === null || state.net !== this.#chosen) return;
    if (state.anomaly || state.flags > (this.#chosenFlags ?? state.flags)) this.#held.mark(state.net);
    this.#chosenFlags = state.flags;
  }

  #turn(page: number): void {
    this.#page = Math.max(0, page);
    this.#parent.scrollTop = 0;
    this.#askAnew();
  }

  /** Something else is wanted than before: rows may move, and come with their courses. */
  #askAnew(): void {
    this.#movedAt = this.#coursesAt = Number.NEGATIVE_INFINITY;
    void this.#ask();
  }

  #askSoon(): void {
    this.#timer = setTimeout(() => void this.#ask(), LOOK_MILLISECONDS);
  }

  /** An answer that comes too late, because something else was asked for, is none. */
  async #ask(): Promise<void> {
    clearTimeout(this.#timer);
    this.#asking?.abort();
    if (!this.#isConnected) return;
    // Nobody looks.
    if (document.hidden) return this.#askSoon();
    const asking = new AbortController();
    this.#asking = asking;
    const hasCourses = performance.now() - this.#coursesAt > COURSES_MILLISECONDS;
    try {
      const response = await fetch(this.#address(hasCourses), { signal: asking.signal });
      const answer = (await response.json()) as NetsPage | { readonly error: string };
      if (asking.signal.aborted) return;
      if (hasCourses) this.#coursesAt = performance.now();
      if (!('error' in answer)) this.#take(answer);
    } catch {
      // The line of the connection says that the server is gone.
    }
    if (!asking.signal.aborted) this.#askSoon();
  }

  #address(hasCourses: boolean): string {
    if (!this.#panel.open) return 'nets?brief';
    const asked = new URLSearchParams({ page: String(this.#page) });
    const search = this.#search.value.trim();
    if (search !== '') asked.set('search', search);
    if (hasCourses) asked.set('courses', '');
    return `nets?${asked}`;
  }

  #take(page: NetsPage): void {
    this.#total = page.total;
    this.#unusual = page.unusual;
    this.#panel.hidden = page.total < 2;
    this.#search.hidden = page.total <= FEW_NETS;
    if (this.#panel.open) {
      this.#takeRows(page.nets);
      this.#takeRange(page);
    }
    this.#changed();
  }

  #takeRows(nets: readonly ListedNet[]): void {
    const isNew = nets.some(({ id }) => !this.#rows.has(id));
    for (const net of nets) {
      const row = this.#rows.get(net.id);
      if (net.is === 'unusual' || (row !== undefined && net.flags > row.flags)) this.#held.mark(net.id);
      row?.take(net);
    }
    const isStill = performance.now() - this.#movedAt < STILL_MILLISECONDS;
    if (isStill || (!isNew && this.#areInOrder(nets))) return;
    this.#place(nets);
    // A row that is new has no course yet, and need not wait for it.
    if (isNew && nets.some(({ course }) => course === undefined)) this.#coursesAt = Number.NEGATIVE_INFINITY;
  }

  #areInOrder(nets: readonly ListedNet[]): boolean {
    const shown = [...this.#rows.keys()];
    return shown.length === nets.length && nets.every(({ id }, k) => id === shown[k]);
  }

  /** Those that were there stay as they are, so that the keyboard does not lose its place. */
  #place(nets: readonly ListedNet[]): void {
    const rows = nets.map((net) => {
      const row = this.#rows.get(net.id) ?? new NetRow(net, () => this.#choose(net.id));
      return [net.id, row] as const;
    });
    this.#rows.clear();
    for (const [id, row] of rows) this.#rows.set(id, row);
    const focused = document.activeElement;
    const hadFocus = this.#parent.contains(focused);
    this.#parent.replaceChildren(...rows.map(([, row]) => row.element));
    this.#check();
    if (!hadFocus) return;
    if (this.#parent.contains(focused)) (focused as HTMLElement).focus();
    else this.#search.focus();
  }

  #takeRange({ from, found, most }: NetsPage): void {
    this.#page = Math.floor(from / most);
    this.#pages.hidden = found <= most;
    const focused = document.activeElement;
    this.#before.disabled = from === 0;
    this.#after.disabled = from + most >= found;
    // The keyboard stays here also at either end.
    if (focused === this.#before && this.#before.disabled) this.#after.focus();
    if (focused === this.#after && this.#after.disabled) this.#before.focus();
    const text = `${numberText(from + 1)} to ${numberText(Math.min(from + most, found))} of ${numberText(found)}`;
    if (this.#range.textContent !== text) this.#range.textContent = text;
  }

  draw(): void {
    if (!this.#isConnected) return;
    let shown = 0;
    for (const [id, row] of this.#rows) if (row.draw(this.#held.has(id))) shown++;
    const unusual = Math.max(shown, this.#unusual);
    const text = `${numberText(this.#total)} nets, ${unusual === 0 ? 'none' : numberText(unusual)} unusual`;
    if (this.#summary.textContent !== text) this.#summary.textContent = text;
  }

  /** Takes the marks away, and asks no more. */
  #forget(): void {
    clearTimeout(this.#timer);
    this.#asking?.abort();
    for (const row of this.#rows.values()) row.forget();
  }
}
