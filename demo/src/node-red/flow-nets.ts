import { SpikewireError } from '@spikewire/models';
import type { MqttLink } from 'spikewire/mqtt';
import { ROUTES, readingTopic } from '../scene.ts';

/** What a net in the flow says of itself with the answer to a command; docs/messages.md has all of it. */
export interface NetFigures {
  readonly readings: number;
  readonly saved: { readonly sequence: string; readonly readings: number } | null;
  readonly networkBytes: number;
}

interface Answer extends NetFigures {
  readonly command: string;
}

interface Question {
  readonly command: string;
  readonly resolve: (figures: NetFigures) => void;
  readonly reject: (failure: Error) => void;
}

/** A flow that has just started subscribes a little later than it says; what is asked before that is asked again. */
const ASK_AGAIN_MS = 300;
const LONGEST_ANSWER_MS = 30_000;

/** The nets of a flow as somebody on the same broker can speak with them. */
export class FlowNets {
  readonly #link: MqttLink;
  readonly #questions = new Map<string, Question>();
  #problem = 'nothing came';
  #failure: Error | undefined;

  static async connect(link: MqttLink): Promise<FlowNets> {
    const nets = new FlowNets(link);
    const parse = (payload: Uint8Array) => JSON.parse(Buffer.from(payload).toString('utf8'));
    await link.subscribe(`${ROUTES.out}/status`, ({ topic, payload }) =>
      nets.#take(topic.split('/')[1]!, parse(payload)),
    );
    return nets;
  }

  private constructor(link: MqttLink) {
    this.#link = link;
  }

  #take(id: string, answer: Answer): void {
    const question = this.#questions.get(id);
    if (question?.command !== answer.command) return;
    this.#questions.delete(id);
    question.resolve(answer);
  }

  /**
   * What a net has refused; said where it does not answer a command either. One that is not there yet has read nothing.
   */
  refused(id: string, reason: string): void {
    if (/^net ".*": does not exist/.test(reason)) {
      this.#take(id, { command: 'status', readings: 0, saved: null, networkBytes: 0 });
    } else {
      this.#problem = reason;
    }
  }

  /**
   * Has a command carried out by the net of a mote, one at a time for each. Rejects where it does not answer for long.
   */
  async ask(id: string, command: 'status' | 'save'): Promise<NetFigures> {
    if (this.#failure !== undefined) throw this.#failure;
    const answered = new Promise<NetFigures>((resolve, reject) => {
      this.#questions.set(id, { command, resolve, reject });
    });
    const publish = () => void this.#link.publish(`${readingTopic(id)}/command`, command).catch(() => {});
    const again = setInterval(publish, ASK_AGAIN_MS);
    const late = setTimeout(() => this.#giveUp(id), LONGEST_ANSWER_MS);
    publish();
    try {
      return await answered;
    } finally {
      clearInterval(again);
      clearTimeout(late);
    }
  }

  #giveUp(id: string): void {
    const expected = `an answer within ${LONGEST_ANSWER_MS / 1000} s`;
    this.#questions
      .get(id)
      ?.reject(new SpikewireError('unsupported', `net of ${id}`, `does not answer: ${this.#problem}`, expected));
    this.#questions.delete(id);
  }

  /** No net will answer any more. */
  fail(failure: Error): void {
    this.#failure ??= failure;
    for (const { reject } of this.#questions.values()) reject(this.#failure);
    this.#questions.clear();
  }
}
