import { z } from '@hono/zod-openapi';
import { UnknownItemError } from '../../database/unknown-item.ts';
import type { Registry } from '../../devices/registry.ts';
import type { LiveListener } from '../../live/followed-device.ts';
import type { Live } from '../../live/live.ts';
import type { LiveMessage } from '../../wire/wire.ts';
import type { Application } from '../base/environment.ts';
import type { EventStreams, Telling } from '../base/event-streams.ts';
import { describeRoute } from '../base/person-route.ts';
import { HttpRefusal } from '../base/refusal.ts';
import { word } from '../schemas/list.ts';

const DOC =
  'server-sent events: `data: {"machines": [{"machine", "readings", "score", "anomaly", "answer"}]}`, what ' +
  'machines say by MQTT at this moment, unsigned; only `machine` and `readings` are always there; 404: the controller has no broker';

/** @param live undefined where the controller has no broker */
export function addLiveRoute(
  application: Application,
  registry: Registry,
  live: Live | undefined,
  streams: EventStreams,
): void {
  const about = { role: 'look', doc: DOC, type: 'text/event-stream', params: z.object({ id: word }) } as const;
  const expectRole = describeRoute(application, '/v1/devices/{id}/live', about);
  application.get('/v1/devices/:id/live', expectRole, async (context) => {
    const id = context.req.param('id');
    if ((await registry.device(id)) === undefined) throw new UnknownItemError('device', id);
    if (live === undefined)
      throw new HttpRefusal(404, 'this controller has no broker for live values; expected fleet serve --mqtt');
    if (!live.hasRoomFor(id)) throw HttpRefusal.later(503, 'people look at the live values of too many devices', 10);
    return streams.answer(context, 'live', (wake) => tellLive(live, id, wake));
  });
}

/** Of each machine the newest values; whoever takes them slowly misses some. */
function tellLive(live: Live, device: string, wake: () => void): Telling {
  let waiting: Parameters<LiveListener>[0] = new Map();
  const end = live.watch(device, (machines) => {
    waiting = machines;
    wake();
  });
  return {
    end,
    take() {
      if (waiting.size === 0) return undefined;
      const machines = [...waiting].map(([machine, values]) => ({ machine, ...values }));
      waiting = new Map();
      return { machines } satisfies LiveMessage;
    },
  };
}
