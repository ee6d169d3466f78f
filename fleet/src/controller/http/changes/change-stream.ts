import type { Application } from '../base/environment.ts';
import type { EventStreams, Telling } from '../base/event-streams.ts';
import { describeRoute } from '../base/person-route.ts';
import type { Changes, Changing } from './changes.ts';

export function addChangesRoute(application: Application, changes: Changes, streams: EventStreams): void {
  const doc = 'server-sent events: `data: {"changed": [...]}`, with devices, rollouts, people, history';
  const expectRole = describeRoute(application, '/v1/changes', { role: 'look', doc, type: 'text/event-stream' });
  application.get('/v1/changes', expectRole, (context) =>
    streams.answer(context, 'changes', (wake) => tellChanges(changes, wake)),
  );
}

/** Changes that come together are one message. */
function tellChanges(changes: Changes, wake: () => void): Telling {
  const waiting = new Set<Changing>();
  const end = changes.listen((changed) => {
    for (const each of changed) waiting.add(each);
    wake();
  });
  return {
    end,
    take() {
      if (waiting.size === 0) return undefined;
      const changed = [...waiting];
      waiting.clear();
      return { changed };
    },
  };
}
