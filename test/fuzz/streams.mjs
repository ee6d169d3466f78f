import { parseModel, writeModel } from '@spikewire/models';
import { engineNamed } from 'spikewire';
import { inProcess } from 'spikewire/executor';
import { Stream } from 'spikewire/mqtt';
import { NetPool, parseChannelPaths, profileNamed } from 'spikewire/session';
import { texts } from './corpus.mjs';

/** The models that take readings. */
const fed = texts.map((text) => parseModel(text)).filter(({ encoder }) => encoder.size > 0);
/** Ways in which messages say readings, over the models in turn. */
const FORMS = [
  {},
  { profile: profileNamed('tasmota'), missing: 'hold' },
  { profile: profileNamed('shelly'), missing: 'skip' },
  { profile: profileNamed('zigbee2mqtt'), paths: parseChannelPaths('t=*.*.t') },
];
export const ROUTES = { in: 'in', out: 'out' };
/** A line for people, with the topic in front. */
const LONGEST_LINE = 2000;
/** Between two messages so much time passes that none comes too often. */
const PAUSE_MS = 60_000;

/**
 * Streams of all models that take readings, as long-lived as those of a device: what one message leaves behind meets
 * the next. What they say and publish is checked and counted, and goes nowhere.
 */
export function openStreams() {
  return fed.map((model, k) => openStream(model, FORMS[k % FORMS.length]));
}

function openStream(model, form) {
  let time = 0;
  const warn = (line) => {
    if (line.includes('\n')) throw new Error(`says several lines: ${line.slice(0, LONGEST_LINE)}`);
    if (line.length > LONGEST_LINE) throw new Error(`says too much: ${line.slice(0, LONGEST_LINE)}`);
  };
  const pool = new NetPool(writeModel(model), inProcess(engineNamed('clocked')), { selfTest: false });
  const clock = () => {
    time += PAUSE_MS;
    return time;
  };
  const stream = new Stream(pool, { routes: ROUTES, form, warn, audit: warn, clock, now: clock });
  stream.attach({ publish: async (_topic, payload) => void JSON.parse(payload), counters: { dropped: {} } });
  const handlers = new Map(stream.subscriptions.map(({ filter, handler }) => [filter, handler]));
  return { model, pool, stream, receive: (topic, payload) => handlers.get(topic)({ topic, payload, retain: false }) };
}
