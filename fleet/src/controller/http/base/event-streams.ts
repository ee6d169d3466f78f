import type { Context } from 'hono';
import { type SSEStreamingApi, streamSSE } from 'hono/streaming';
import type { People } from '../../people/people.ts';
import { askingPerson } from './asking-person.ts';
import type { Environment } from './environment.ts';
import { HttpRefusal } from './refusal.ts';
import { beginStream } from './streams.ts';

/** Streams at a time, whatever they tell. */
const MOST_STREAMS = 64;
/** Between two signs of life. */
const SIGN_MILLISECONDS = 15_000;
/** After so long, the next message or sign waits for another look whether the person was removed. */
const KNOWN_MILLISECONDS = 10_000;
/** A reader that takes nothing for so long is gone, even if its connection is open. */
const STUCK_MILLISECONDS = 30_000;

/** The source of one stream. */
export interface Telling {
  /** One message with everything since the last call; undefined: nothing has happened. */
  take(): object | undefined;
  /** Called once, when the stream has ended. */
  end(): void;
}

/**
 * Answers that tell what happens, as server-sent events. While a message is on its way, what happens is joined into the
 * next one, so that a slow reader costs no more than a fast one. A person who is removed is told nothing more.
 */
export class EventStreams {
  readonly #people: People;
  readonly #ending: AbortSignal;
  #open = 0;

  /** @param ending aborted when streams have to end */
  constructor(people: People, ending: AbortSignal) {
    [this.#people, this.#ending] = [people, ending];
  }

  /** @param begin must not throw, and calls `wake` whenever there is something to take */
  answer(context: Context<Environment>, name: string, begin: (wake: () => void) => Telling): Response {
    if (this.#open >= MOST_STREAMS) throw HttpRefusal.later(503, `${MOST_STREAMS} event streams are open already`, 10);
    beginStream(context.env.incoming);
    return streamSSE(context, async (stream) => {
      this.#open++;
      const bell = new Bell();
      const telling = begin(() => bell.ring());
      const end = () => stream.abort();
      this.#ending.addEventListener('abort', end);
      stream.onAbort(() => bell.ring());
      try {
        await stream.write(`: ${name}\n\n`);
        await this.#tell(stream, context, bell, telling);
      } finally {
        telling.end();
        this.#ending.removeEventListener('abort', end);
        this.#open--;
      }
    });
  }

  async #tell(stream: SSEStreamingApi, context: Context<Environment>, bell: Bell, telling: Telling): Promise<void> {
    for (let known = performance.now(); !stream.aborted; ) {
      await bell.wait(SIGN_MILLISECONDS);
      if (performance.now() - known >= KNOWN_MILLISECONDS) {
        if (!(await this.#isKnown(context))) return;
        known = performance.now();
      }
      if (!stream.aborted) await sendWithin(STUCK_MILLISECONDS, stream, telling.take(), context);
    }
  }

  #isKnown(context: Context<Environment>): Promise<boolean> {
    return askingPerson(context, this.#people).then(
      (person) => person !== undefined,
      () => true, // the database is away for a while
    );
  }
}

/** A signal that is not lost when it comes before the wait. */
class Bell {
  #hasRung = false;
  #wake = () => {};

  ring(): void {
    this.#hasRung = true;
    this.#wake();
  }

  /** Until it has rung since the last time, or the time has passed. */
  async wait(milliseconds: number): Promise<void> {
    if (!this.#hasRung)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    this.#hasRung = false;
  }
}

/** A message, or a sign of life where there is none. */
async function sendWithin(
  milliseconds: number,
  stream: SSEStreamingApi,
  message: object | undefined,
  { env }: Context<Environment>,
): Promise<void> {
  const stuck = setTimeout(() => env.outgoing.destroy(), milliseconds);
  const text = message === undefined ? ': alive\n\n' : `data: ${JSON.stringify(message)}\n\n`;
  await stream.write(text).finally(() => clearTimeout(stuck));
}
