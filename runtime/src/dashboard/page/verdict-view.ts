import type { ReadingsEvent, ReadingsStatus } from '../wire.ts';
import { element } from './element.ts';
import { numberText, percentText } from './number-text.ts';

/** A flag is shown at least so long: in a fast stream nobody would see it otherwise. */
const FLAG_MILLISECONDS = 1500;

interface Flag {
  readonly seq: number;
  /** Why, for people. */
  readonly reason: string;
  /** Of the page's own clock, in milliseconds. */
  readonly at: number;
}

/** The state of the net in a word, and its warm-up. */
export class VerdictView {
  readonly #line = element('verdict', HTMLElement);
  readonly #mark = element('verdict-mark', HTMLElement);
  readonly #word = element('verdict-word', HTMLElement);
  readonly #detail = element('verdict-detail', HTMLElement);
  readonly #warmUp = element('warm-up', HTMLElement);
  readonly #bar = element('warm-up-bar', HTMLProgressElement);
  readonly #text = element('warm-up-text', HTMLElement);
  #status: ReadingsStatus | null = null;
  #flag: Flag | null = null;
  /** What was said of a reading since the last flag. */
  #note: string | null = null;

  begin(): void {
    this.#status = null;
    this.#flag = null;
    this.#note = null;
  }

  add(event: ReadingsEvent): void {
    this.#status = event.status;
    const noted = event.reason.findLastIndex((said, index) => said !== '' && event.flags[index] === 0);
    if (noted >= 0) this.#note = `reading ${event.seq[noted]}: ${event.reason[noted]}`;
    const index = event.flags.findLastIndex((flags) => flags > 0);
    if (index > noted) this.#note = null;
    if (index >= 0) {
      this.#flag = {
        seq: event.seq[index]!,
        reason:
          event.reason[index] || `score ${numberText(event.score[index])}, limit ${numberText(event.limit[index])}`,
        at: performance.now(),
      };
    }
  }

  /**
   * @param connected Whether what was last heard is still true.
   * @param absence What is unusual about there being no reading; empty where nothing is.
   */
  draw(connected: boolean, absence: string): void {
    const status = this.#status;
    const flag = this.#flag;
    this.#warmUp.hidden = status === null || status.warmUp.done;
    if (status === null) {
      this.#show('none', '·', 'No readings yet', '');
    } else if (!connected) {
      this.#show('none', '·', 'Not known', 'no connection to the server');
    } else if (absence !== '') {
      this.#show('flagged', '▲', 'Unusual', absence);
    } else if (!status.warmUp.done) {
      const { readings, of } = status.warmUp;
      this.#bar.max = of;
      this.#bar.value = readings;
      this.#text.textContent = `${readings} of ${of} readings`;
      this.#show('warming', '○', 'Warming up', 'learning what is usual; nothing is flagged yet');
    } else if (flag !== null && (status.anomaly || performance.now() - flag.at < FLAG_MILLISECONDS)) {
      this.#show('flagged', '▲', 'Unusual', `reading ${flag.seq}: ${flag.reason}`);
    } else if (status.taught !== undefined) {
      const { answer, confidence } = status.taught;
      const detail = confidence === null ? 'tell it what it sees' : `sure by ${percentText(confidence)}`;
      this.#show(answer === null || answer === 'unknown' ? 'warming' : 'calm', '●', answer ?? 'Not taught yet', detail);
    } else {
      const last = flag === null ? 'nothing flagged' : `last flag at reading ${flag.seq}`;
      this.#show('calm', '●', 'As expected', this.#note ?? last);
    }
  }

  #show(state: string, mark: string, word: string, detail: string): void {
    this.#line.dataset.state = state;
    this.#mark.textContent = mark;
    // A screen reader says whatever is set here, also when it is the same again.
    if (this.#word.textContent !== word) {
      this.#word.textContent = word;
    }
    if (this.#detail.textContent !== detail) {
      this.#detail.textContent = detail;
    }
  }
}
