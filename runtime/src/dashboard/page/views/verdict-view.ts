import type {
  DashboardGathering,
  DashboardMonitor,
  DashboardNetState,
  DashboardStretch,
  DashboardWarmUp,
} from '../../source.ts';
import type { ReadingsEvent, ReadingsStatus, StatusEvent } from '../../wire.ts';
import { element } from '../element.ts';
import type { HeldFlags } from '../held-flags.ts';
import { numberText, readingsText, restText } from '../text/number-text.ts';
import { reasonWithLimits, saidText } from '../text/reason-text.ts';
import { surenessText } from '../text/sureness-text.ts';
import { areClockTimes, timeText } from '../time-axis.ts';

interface Flag {
  readonly seq: number;
  readonly said: ReadingsEvent['said'][number];
  /** What is told where nothing is said. */
  readonly score: string;
}

/** The state of the net in a word, and its warm-up. */
export class VerdictView {
  readonly #line = element('verdict', HTMLElement);
  readonly #mark = element('verdict-mark', HTMLElement);
  readonly #word = element('verdict-word', HTMLElement);
  readonly #detail = element('verdict-detail', HTMLElement);
  readonly #warmUp = element('warm-up', HTMLElement);
  readonly #name = element('warm-up-name', HTMLElement);
  readonly #bar = element('warm-up-bar', HTMLProgressElement);
  readonly #text = element('warm-up-text', HTMLElement);
  readonly #held: HeldFlags;
  #net = '';
  #monitors: readonly DashboardMonitor[] = [];
  #waiting = 'Waiting for the first reading';
  #status: ReadingsStatus | null = null;
  #flag: Flag | null = null;
  /** What was said of a reading since the last flag. */
  #note: string | null = null;
  #newestTime = 0;

  constructor(held: HeldFlags) {
    this.#held = held;
  }

  /** @param input where readings come from, if that is known */
  expect(input: string | undefined): void {
    this.#waiting = `Waiting for the first reading${input === undefined ? '' : ` on ${input}`}`;
  }

  /** @param monitors those of the net as they are now, with their limits */
  know(monitors: readonly DashboardMonitor[] = []): void {
    this.#monitors = monitors;
  }

  begin(net: string): void {
    this.#net = net;
    this.#status = null;
    this.#flag = null;
    this.#note = null;
  }

  add(event: ReadingsEvent): void {
    // The first event has what came before somebody looked.
    const isPast = this.#status === null;
    this.#status = event.status;
    this.#newestTime = event.time.at(-1) ?? this.#newestTime;
    const noted = event.said.findLastIndex((said, index) => said.length > 0 && event.flags[index] === 0);
    if (noted >= 0) this.#note = `reading ${event.seq[noted]}: ${saidText(event.said[noted]!)}`;
    const index = event.flags.findLastIndex((flags) => flags > 0);
    if (index > noted) this.#note = null;
    if (index >= 0) {
      this.#flag = {
        seq: event.seq[index]!,
        said: event.said[index]!,
        score: `score ${numberText(event.score[index])}, limit ${numberText(event.limit[index])}`,
      };
      if (!isPast || event.status.anomaly) this.#held.mark(this.#net);
    }
  }

  /** Takes up how the net is after a command; one that begins its warm-up anew has nothing flagged. */
  tell(status: StatusEvent): void {
    const former = this.#status;
    if (former === null) return;
    const isAnew = status.warmUp.readings < former.warmUp.readings;
    if (isAnew) {
      this.#flag = null;
      this.#held.drop(this.#net);
    }
    this.#status = { ...former, ...status, anomaly: former.anomaly && !isAnew };
  }

  /**
   * @param connected Whether what was last heard is still true.
   * @param state What the source says of the net now; undefined where it has said nothing yet.
   */
  draw(connected: boolean, state: DashboardNetState | undefined): void {
    const status = this.#status;
    const warmUp = state?.warmUp ?? status?.warmUp;
    const isWarmingUp = status !== null && warmUp?.done === false;
    const gathering = status === null && (state?.gathering?.readings ?? 0) > 0 ? state?.gathering : undefined;
    this.#warmUp.hidden = !connected || !(isWarmingUp || gathering !== undefined);
    if (gathering !== undefined) this.#showProgress('First answer', gathering);
    else if (isWarmingUp) this.#showProgress('Warm-up', warmUp);
    if (!connected) {
      this.#show('none', '·', 'Not known', 'no connection to the server');
    } else if (gathering !== undefined) {
      const each = `it answers when it has ${numberText(gathering.of)} readings`;
      this.#show('warming', '○', 'Gathering readings', each);
    } else if (status === null || warmUp === undefined) {
      this.#show('none', '·', this.#waiting, state?.last === undefined ? '' : storyOf(state.last, Date.now()));
    } else if (state?.absence?.length) {
      this.#show('flagged', '▲', 'Unusual', saidText(state.absence));
    } else if (status.anomaly || this.#held.has(this.#net)) {
      this.#show('flagged', '▲', 'Unusual', this.#flagText());
    } else if (!warmUp.done) {
      const last = state?.last === undefined ? '' : `; ${storyOf(state.last, this.#newestTime)}`;
      this.#show('warming', '○', 'Warming up', `learning what is usual${last}`);
    } else if (status.taught !== undefined) {
      const { answer } = status.taught;
      const state = answer === null || answer === 'unknown' ? 'warming' : 'calm';
      this.#show(state, '●', answer ?? 'Not taught yet', surenessText(status.taught));
    } else {
      const last = state?.last === undefined ? 'nothing unusual so far' : storyOf(state.last, this.#newestTime);
      this.#show('calm', '●', 'As expected', this.#note ?? last);
    }
  }

  #flagText(): string {
    const flag = this.#flag;
    if (flag === null) return '';
    return `reading ${flag.seq}: ${reasonWithLimits(flag.said, this.#monitors, Date.now()) || flag.score}`;
  }

  #showProgress(name: string, { readings, of, secondsLeft }: DashboardGathering | DashboardWarmUp): void {
    const left = secondsLeft === undefined ? '' : `, about ${restText(secondsLeft)}`;
    this.#name.textContent = name;
    this.#bar.max = of;
    this.#bar.value = readings;
    this.#text.textContent = `${numberText(readings)} of ${numberText(of)} readings${left}`;
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

/** What was flagged last, in a sentence. */
function storyOf({ from, begun, flags, reason }: DashboardStretch, now: number): string {
  const when = areClockTimes([begun]) ? timeText(begun, now) : `reading ${numberText(from)}`;
  return `last unusual at ${when}, ${readingsText(flags)} flagged${reason === '' ? '' : `: ${reason}`}`;
}
