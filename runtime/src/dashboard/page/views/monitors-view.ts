import type { DashboardMonitor, DashboardNet } from '../../source.ts';
import type { Value } from '../../wire.ts';
import { element } from '../element.ts';
import type { History } from '../plots/history.ts';
import { limitText } from '../text/limit-text.ts';
import { numberText } from '../text/number-text.ts';
import type { CommandView } from './command-view.ts';
import { scoreLine } from './score-line.ts';

interface Row {
  readonly item: HTMLLIElement;
  readonly choose: HTMLButtonElement;
  readonly about: HTMLElement;
  readonly limit: HTMLElement;
  readonly line: SVGPolylineElement;
  readonly toggle: HTMLButtonElement;
  readonly back: HTMLButtonElement;
}

/** What watches the net, a row each: its score against its limit, a switch, and the way back to what it has learned. */
export class MonitorsView {
  readonly #card = element('monitors-card', HTMLElement);
  readonly #list = element('monitors', HTMLElement);
  readonly #history: History;
  readonly #commands: CommandView;
  readonly #choose: () => void;
  readonly #rows = new Map<string, Row>();
  #monitors: readonly DashboardMonitor[] = [];
  #net = '';
  #chosen = '';

  /** @param choose called when another monitor is looked at */
  constructor(history: History, commands: CommandView, choose: () => void) {
    this.#history = history;
    this.#commands = commands;
    this.#choose = choose;
  }

  /** The monitor that is looked at, and its place among the scores; undefined where the net has none. */
  get chosen(): { readonly monitor: DashboardMonitor; readonly index: number } | undefined {
    const index = Math.max(
      0,
      this.#monitors.findIndex(({ name }) => name === this.#chosen),
    );
    const monitor = this.#monitors[index];
    return monitor && { monitor, index };
  }

  /** @param isAllowed whether this viewer may change them */
  begin({ id, monitors = [] }: DashboardNet, isAllowed: boolean): void {
    if (id !== this.#net) this.#chosen = '';
    this.#net = id;
    this.#monitors = monitors;
    this.#card.hidden = monitors.length < 2;
    const isSame = monitors.length === this.#rows.size && monitors.every(({ name }) => this.#rows.has(name));
    // Those that were there stay as they are, so that the keyboard does not lose its place.
    if (!isSame) this.#fill();
    for (const monitor of monitors) this.#tell(monitor, isAllowed);
    this.#mark();
  }

  #fill(): void {
    this.#rows.clear();
    for (const monitor of this.#monitors) this.#rows.set(monitor.name, this.#row(monitor));
    this.#list.replaceChildren(...[...this.#rows.values()].map(({ item }) => item));
  }

  #row({ name, title: called }: DashboardMonitor): Row {
    const item = document.createElement('li');
    const choose = made('button', 'choose');
    const [title, about, limit] = [made('strong', ''), made('small', 'about'), made('small', 'limit')];
    title.textContent = called;
    const { svg, line } = picture();
    choose.append(title, about, svg, limit);
    const toggle = made('button', 'toggle');
    toggle.role = 'switch';
    toggle.ariaLabel = `Flag readings: ${called}`;
    const thumb = made('span', 'switch');
    thumb.ariaHidden = 'true';
    toggle.append(thumb);
    const back = made('button', 'back');
    back.textContent = 'Back to the learned limit';
    for (const button of [choose, toggle, back]) button.type = 'button';
    choose.addEventListener('click', () => {
      this.#chosen = name;
      this.#mark();
      this.#choose();
    });
    toggle.addEventListener('click', () => this.#set(name, { on: toggle.ariaChecked === 'true' ? 0 : 1 }, toggle));
    back.addEventListener('click', () => this.#set(name, { learned: 1 }, back));
    item.append(choose, toggle, back);
    return { item, choose, about, limit, line, toggle, back };
  }

  #set(monitor: string, settings: Readonly<Record<string, number>>, button: HTMLButtonElement): void {
    void this.#commands.send({ command: 'settings', monitor, settings }, button);
  }

  #tell({ name, about, limit, isOn, limitReasons, isChanged }: DashboardMonitor, isAllowed: boolean): void {
    const row = this.#rows.get(name)!;
    row.about.textContent = about;
    row.limit.textContent = isOn
      ? [`limit ${numberText(limit)}`, ...limitReasons.map((reason) => limitText(reason, Date.now()))].join('; ')
      : 'off';
    row.toggle.ariaChecked = String(isOn);
    row.toggle.disabled = !isAllowed;
    row.back.hidden = !isAllowed || !isChanged;
    row.item.dataset.on = String(isOn);
  }

  #mark(): void {
    const chosen = this.chosen?.monitor.name;
    for (const [name, { choose }] of this.#rows) choose.ariaPressed = String(name === chosen);
  }

  draw(): void {
    if (this.#card.hidden) return;
    for (const [index, { name, limit, isOn }] of this.#monitors.entries()) {
      const scores: readonly Value[] = this.#history.scores[index] ?? [];
      const row = this.#rows.get(name)!;
      row.line.setAttribute('points', scoreLine(scores, limit));
      row.item.dataset.state = isOn && (scores.at(-1) ?? 0) > limit ? 'flagged' : 'calm';
    }
  }
}

/** A score below its limit is in the lower half. */
function picture() {
  const made = (tag: 'svg' | 'line' | 'polyline') => document.createElementNS('http://www.w3.org/2000/svg', tag);
  const [svg, limit, line] = [made('svg'), made('line'), made('polyline') as SVGPolylineElement];
  svg.setAttribute('viewBox', '0 0 100 100');
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('aria-hidden', 'true');
  for (const [name, value] of Object.entries({ x1: '0', x2: '100', y1: '50', y2: '50' }))
    limit.setAttribute(name, value);
  svg.append(limit, line);
  return { svg, line };
}

function made<Tag extends 'button' | 'span' | 'small' | 'strong'>(tag: Tag, name: string): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  element.className = name;
  return element;
}
