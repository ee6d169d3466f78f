import type { DashboardNet, DashboardNetState } from '../source.ts';
import { element } from './element.ts';
import type { HeldFlags } from './held-flags.ts';
import { numberText } from './number-text.ts';
import { sparkline } from './sparkline.ts';

const UNKNOWN = '·';

/** Nets that are found at a glance. */
const FEW_NETS = 8;

/** As a person counts: "mote 2" comes before "mote 10". */
const NATURAL = new Intl.Collator('en', { numeric: true });

interface Choice {
  readonly name: string;
  readonly label: HTMLLabelElement;
  readonly mark: HTMLElement;
  /** For those who hear the page. */
  readonly word: HTMLElement;
  readonly frozen: HTMLElement;
  readonly muted: HTMLElement;
  readonly input: HTMLInputElement;
  readonly line: SVGPolylineElement;
  /** Flagged readings at the last look. */
  flags: number | undefined;
}

/** The nets as a list that can be searched: one radio button each, with a mark that says how it is, and its course. */
export class NetsView {
  readonly #panel = element('nets-panel', HTMLDetailsElement);
  readonly #summary = element('nets-summary', HTMLElement);
  readonly #search = element('nets-search', HTMLInputElement);
  readonly #parent = element('nets', HTMLElement);
  readonly #choices = new Map<string, Choice>();
  readonly #choose: (net: string) => void;
  readonly #held: HeldFlags;
  #states: readonly DashboardNetState[] = [];

  constructor(choose: (net: string) => void, held: HeldFlags) {
    this.#choose = choose;
    this.#held = held;
    this.#panel.open = matchMedia('(min-width: 700px)').matches;
    this.#search.addEventListener('input', () => this.#filter());
  }

  begin(nets: readonly DashboardNet[], chosen: string): void {
    const isSame =
      nets.length === this.#choices.size && nets.every(({ id, name }) => this.#choices.get(id)?.name === name);
    if (!isSame) this.#fill(nets);
    for (const [id, { input }] of this.#choices) {
      input.checked = id === chosen;
    }
    this.#panel.hidden = nets.length < 2;
    this.#search.hidden = nets.length <= FEW_NETS;
  }

  /** Those that were there stay as they are, so that the keyboard does not lose its place. */
  #fill(nets: readonly DashboardNet[]): void {
    const sorted = [...nets].sort((a, b) => NATURAL.compare(a.name, b.name) || (a.id < b.id ? -1 : 1));
    const choices = sorted.map((net) => {
      const former = this.#choices.get(net.id);
      return [net.id, former?.name === net.name ? former : this.#choice(net)] as const;
    });
    this.#choices.clear();
    for (const [id, choice] of choices) this.#choices.set(id, choice);
    const focused = document.activeElement;
    this.#parent.replaceChildren(...choices.map(([, { label }]) => label));
    if (focused instanceof HTMLInputElement && this.#parent.contains(focused)) focused.focus();
    this.#filter();
  }

  #filter(): void {
    const wanted = this.#search.value.trim().toLowerCase();
    for (const { name, label } of this.#choices.values()) label.hidden = !name.toLowerCase().includes(wanted);
  }

  take(states: readonly DashboardNetState[]): void {
    this.#states = states;
    for (const { net, anomaly, flags } of states) {
      const choice = this.#choices.get(net);
      if (choice === undefined) continue;
      if (anomaly || (choice.flags !== undefined && flags > choice.flags)) this.#held.mark(net);
      choice.flags = flags;
    }
  }

  draw(): void {
    for (const state of this.#states) {
      const choice = this.#choices.get(state.net);
      if (choice !== undefined) drawState(choice, state, this.#held.has(state.net));
    }
    const unusual = [...this.#choices.values()].filter(({ label }) => label.dataset.state === 'flagged').length;
    const total = numberText(this.#choices.size);
    const text = `${total} nets, ${unusual === 0 ? 'none' : numberText(unusual)} unusual`;
    if (this.#summary.textContent !== text) this.#summary.textContent = text;
  }

  drawLines(courses: Readonly<Record<string, readonly number[]>>): void {
    for (const [net, course] of Object.entries(courses)) {
      this.#choices.get(net)?.line.setAttribute('points', sparkline(course));
    }
  }

  /** Takes the marks away: what they said may no longer be true. */
  forget(): void {
    this.#states = [];
    for (const { label, mark, word } of this.#choices.values()) {
      label.dataset.state = 'none';
      label.title = '';
      mark.textContent = UNKNOWN;
      word.textContent = '';
    }
  }

  #choice(net: DashboardNet): Choice {
    const label = document.createElement('label');
    const input = document.createElement('input');
    const [mark, name, word] = [made('span', 'mark'), made('span', 'name'), made('span', 'visually-hidden')];
    const [frozen, muted] = [made('small', ''), made('small', '')];
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    const line = document.createElementNS('http://www.w3.org/2000/svg', 'polyline');
    svg.setAttribute('viewBox', '0 0 100 100');
    svg.setAttribute('preserveAspectRatio', 'none');
    svg.setAttribute('aria-hidden', 'true');
    svg.append(line);
    label.className = 'net';
    label.dataset.state = 'none';
    input.type = 'radio';
    input.name = 'net';
    input.value = net.id;
    input.addEventListener('change', () => this.#choose(net.id));
    mark.ariaHidden = 'true';
    mark.textContent = UNKNOWN;
    name.textContent = net.name;
    frozen.textContent = 'frozen';
    frozen.hidden = true;
    muted.textContent = 'alarm muted';
    muted.title = 'The sensitivity limit is so high that hardly anything will be flagged.';
    muted.hidden = true;
    label.append(input, mark, name, word, frozen, muted, svg);
    return { name: net.name, label, mark, word, frozen, muted, input, line, flags: undefined };
  }
}

function made(tag: 'span' | 'small', name: string): HTMLElement {
  const element = document.createElement(tag);
  element.className = name;
  return element;
}

function drawState(choice: Choice, state: DashboardNetState, flagged: boolean): void {
  const [name, mark, word] = flagged
    ? ['flagged', '▲', 'unusual']
    : state.readings === 0 && state.gathering !== undefined
      ? ['warming', '○', 'gathering readings']
      : state.warmUp.done
        ? ['calm', '●', 'as expected']
        : ['warming', '○', 'warming up'];
  choice.label.dataset.state = name;
  choice.label.title = state.learning ? word : `${word}, not learning`;
  choice.mark.textContent = mark;
  choice.word.textContent = `: ${word}`;
  choice.frozen.hidden = state.learning;
  choice.muted.hidden = state.muted !== true;
}
