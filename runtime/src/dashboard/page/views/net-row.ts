import type { ListedNet } from '../../wire.ts';
import { sparkline } from '../plots/sparkline.ts';
import { areClockTimes, timeText } from '../time-axis.ts';

/** How a net is: its mark, and the same in words. */
const STATES = {
  unknown: { look: 'none', mark: '·', word: '' },
  unusual: { look: 'flagged', mark: '▲', word: 'unusual' },
  gathering: { look: 'warming', mark: '○', word: 'gathering readings' },
  warming: { look: 'warming', mark: '○', word: 'warming up' },
  calm: { look: 'calm', mark: '●', word: 'as expected' },
} as const;

/** A net in the list: a radio button with a mark that says how it is, its newest answer or flag, and its course. */
export class NetRow {
  readonly element = document.createElement('label');
  readonly input = document.createElement('input');
  readonly #mark = made('span', 'mark');
  readonly #name = made('span', 'name');
  /** For those who hear the page. */
  readonly #word = made('span', 'visually-hidden');
  readonly #latest = made('small', 'latest');
  readonly #frozen = made('small', '');
  readonly #muted = made('small', '');
  readonly #line = document.createElementNS('http://www.w3.org/2000/svg', 'polyline');
  #net: ListedNet;

  constructor(net: ListedNet, choose: () => void) {
    this.#net = net;
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    svg.setAttribute('viewBox', '0 0 100 100');
    svg.setAttribute('preserveAspectRatio', 'none');
    svg.setAttribute('aria-hidden', 'true');
    svg.append(this.#line);
    this.element.className = 'net';
    this.input.type = 'radio';
    this.input.name = 'net';
    this.input.value = net.id;
    this.input.addEventListener('change', choose);
    this.#mark.ariaHidden = 'true';
    this.#frozen.textContent = 'frozen';
    this.#muted.textContent = 'alarm muted';
    this.#muted.title = 'The sensitivity limit is so high that hardly anything will be flagged.';
    const [mark, name, word, latest] = [this.#mark, this.#name, this.#word, this.#latest];
    this.element.append(this.input, mark, name, word, latest, this.#frozen, this.#muted, svg);
    this.take(net);
  }

  get flags(): number {
    return this.#net.flags;
  }

  take(net: ListedNet): void {
    this.#net = net;
    this.#name.textContent = net.name;
    this.#latest.textContent = latestText(net);
    this.#latest.hidden = this.#latest.textContent === '';
    this.#frozen.hidden = net.isFrozen !== true;
    this.#muted.hidden = net.isMuted !== true;
    if (net.course !== undefined) this.#line.setAttribute('points', sparkline(net.course));
  }

  /** @param isFlagged whether it is shown as unusual, which lasts a little longer than it is; returns that */
  draw(isFlagged: boolean): boolean {
    this.#show(isFlagged ? 'unusual' : (this.#net.is ?? 'unknown'));
    return isFlagged || this.#net.is === 'unusual';
  }

  /** Takes the mark away: what it said may no longer be true. */
  forget(): void {
    const { is, ...rest } = this.#net;
    this.#net = rest;
    this.#show('unknown');
  }

  #show(state: keyof typeof STATES): void {
    const { look, mark, word } = STATES[state];
    this.element.dataset.state = look;
    this.element.title = this.#net.isFrozen === true ? `${word}, not learning` : word;
    this.#mark.textContent = mark;
    this.#word.textContent = word === '' ? '' : `: ${word}`;
  }
}

function latestText({ answer, flagged, is }: ListedNet): string {
  if (answer !== undefined) return answer;
  if (flagged === undefined || is === 'unusual' || !areClockTimes([flagged])) return '';
  return `▲ ${timeText(flagged, Date.now())}`;
}

function made(tag: 'span' | 'small', name: string): HTMLElement {
  const element = document.createElement(tag);
  element.className = name;
  return element;
}
