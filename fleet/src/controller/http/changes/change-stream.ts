import type { Context } from 'hono';
import { type SSEStreamingApi, streamSSE } from 'hono/streaming';
import type { Application, Environment } from '../base/environment.ts';
import { describeRoute } from '../base/person-route.ts';
import { HttpRefusal } from '../base/refusal.ts';
import { beginStream } from '../base/streams.ts';
import type { Changes, Changing } from './changes.ts';

/** Streams at a time. */
const MOST_STREAMS = 64;
/** Between two signs of life. */
const SIGN_MILLISECONDS = 15_000;
/** Whoever takes nothing for so long is gone, even if the connection is not. */
const STUCK_MILLISECONDS = 30_000;

export function addChangesRoute(application: Application, changes: Changes, ending: AbortSignal): void {
  const doc = 'server-sent events: `data: {"changed": [...]}`, with devices, rollouts, people, history';
  const expectRole = describeRoute(application, '/v1/changes', { role: 'look', doc, type: 'text/event-stream' });
  application.get('/v1/changes', expectRole, (context) => changeStream(context, changes, ending));
}

/**
 * What has changed, as server-sent events. While a message is on its way, further changes are joined into the next one,
 * so that a slow reader costs no more than a fast one.
 */
function changeStream(context: Context<Environment>, changes: Changes, ending: AbortSignal): Response {
  if (changes.listeners >= MOST_STREAMS) throw HttpRefusal.later(503, `${MOST_STREAMS} pages listen already`, 10);
  beginStream(context.env.incoming);
  return streamSSE(context, async (stream) => {
    const waiting = new Set<Changing>();
    let wake = () => {};
    const unlisten = changes.listen((changed) => {
      for (const each of changed) waiting.add(each);
      wake();
    });
    const end = () => stream.abort();
    ending.addEventListener('abort', end);
    stream.onAbort(() => wake());
    try {
      await stream.write(': changes\n\n');
      while (!stream.aborted) {
        await pause(SIGN_MILLISECONDS, waiting.size > 0, (resolve) => (wake = resolve));
        if (!stream.aborted) await sendWithin(STUCK_MILLISECONDS, stream, taken(waiting), context);
      }
    } finally {
      unlisten();
      ending.removeEventListener('abort', end);
    }
  });
}

/** Until it is woken, or the time has passed. */
function pause(milliseconds: number, isAwake: boolean, onWake: (resolve: () => void) => void): Promise<void> {
  if (isAwake) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    onWake(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function taken(waiting: Set<Changing>): readonly Changing[] {
  const changed = [...waiting];
  waiting.clear();
  return changed;
}

/** A message, or a sign of life where nothing has changed. */
async function sendWithin(
  milliseconds: number,
  stream: SSEStreamingApi,
  changed: readonly Changing[],
  { env }: Context<Environment>,
): Promise<void> {
  const stuck = setTimeout(() => env.outgoing.destroy(), milliseconds);
  const text = changed.length === 0 ? ': alive\n\n' : `data: ${JSON.stringify({ changed })}\n\n`;
  await stream.write(text).finally(() => clearTimeout(stuck));
}
