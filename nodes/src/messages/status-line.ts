import { type ErrorCode, SpikewireError } from 'spikewire';
import { durationOf } from 'spikewire/desk';
import type { Gathering } from 'spikewire/session';
import type { NetState } from '../nets/infer.ts';
import type { NodeRed, NodeStatus, RuntimeNode } from '../node-red.ts';

/** Least milliseconds that a status stands: each change goes to every open editor. */
const STATE_MS = 250;
/** A problem stands longer, so that a person sees it in a stream of good messages. */
const PROBLEM_MS = 2000;

const ANOMALY: NodeStatus = { fill: 'red', shape: 'dot', text: 'status.anomaly' };

const PROBLEMS: Partial<Record<ErrorCode, string>> = {
  input: 'status.badInput',
  budget: 'status.tooMany',
  file: 'status.noModel',
  usage: 'status.badSettings',
  store: 'status.noStore',
};

/** What stands below the node: changed when it has changed, and not more often than a person can read. */
export class StatusLine {
  readonly #node: Pick<RuntimeNode, 'status'>;
  readonly #translate: NodeRed['_'];
  #shown: NodeStatus = {};
  #next: NodeStatus = {};
  /** What the net last did. */
  #state: NodeStatus | undefined;
  /** Messages that were dropped because something would have grown too large. */
  #dropped = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Messages under way when the node was closed end later; their status is nobody's. */
  #closed = false;

  constructor(node: Pick<RuntimeNode, 'status'>, translate: NodeRed['_']) {
    this.#node = node;
    this.#translate = translate;
  }

  waiting(): void {
    this.show({ fill: 'grey', shape: 'dot', text: 'status.waiting' });
  }

  /** `own` is what the node itself says of it. */
  state(state: NetState, own = this.#statusOf(state)): void {
    this.#state = own;
    this.show(own);
  }

  /** Something is unusual that no reading has brought. */
  unusual(own = ANOMALY): void {
    this.show(own);
  }

  /** The net waits for more readings, as it does after each sample: what it last did still holds. */
  gathering(gathering?: Gathering): void {
    this.show(this.#state ?? { fill: 'grey', shape: 'dot', text: this.#gatheringText(gathering) });
  }

  #gatheringText(gathering: Gathering | undefined): string {
    if (gathering === undefined) return 'status.gathering';
    const { done, of, secondsLeft } = gathering;
    if (secondsLeft === undefined) return this.#translate('status.gathered', { done, of });
    return this.#translate('status.gatheredLeft', { done, of, left: durationOf(1000 * secondsLeft) });
  }

  #statusOf({ anomaly, learning, warmUp: { done, of, secondsLeft }, storeProblem }: NetState): NodeStatus {
    if (anomaly) return ANOMALY;
    if (storeProblem !== undefined) return { fill: 'yellow', shape: 'dot', text: 'status.unsaved' };
    if (done < of) {
      const percent = Math.floor((100 * done) / of);
      const left = secondsLeft == null ? undefined : durationOf(1000 * secondsLeft);
      const text =
        left === undefined
          ? this.#translate('status.warmUp', { percent })
          : this.#translate('status.warmUpLeft', { percent, left });
      return { fill: 'yellow', shape: 'dot', text };
    }
    return learning
      ? { fill: 'green', shape: 'dot', text: 'status.learning' }
      : { fill: 'blue', shape: 'dot', text: 'status.frozen' };
  }

  problem(problem: unknown): void {
    const code = problem instanceof SpikewireError ? problem.code : undefined;
    if (code === 'budget') this.#dropped++;
    const key = (code && PROBLEMS[code]) ?? 'status.failed';
    const text = code === 'budget' ? `${this.#translate(key)} (${this.#dropped})` : key;
    // What is no problem makes way at once.
    if (this.#shown.shape !== 'ring') this.#stopTimer();
    this.show({ fill: code === 'input' ? 'yellow' : 'red', shape: 'ring', text });
  }

  /** What a node without a net does, or one with a text of its own. */
  show(status: NodeStatus): void {
    this.#next = status;
    if (this.#closed || this.#timer !== undefined || same(status, this.#shown)) return;
    this.#shown = status;
    this.#node.status(status);
    const stands = status.shape === 'ring' ? PROBLEM_MS : STATE_MS;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.show(this.#next);
    }, stands);
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  close(): void {
    this.#closed = true;
    this.#stopTimer();
    this.#node.status({});
  }
}

function same(a: NodeStatus, b: NodeStatus): boolean {
  return a.text === b.text && a.fill === b.fill;
}
