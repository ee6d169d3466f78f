import { engineNamed } from '@spikewire/engine';
import { type ExecutorSource, inProcess } from '@spikewire/engine/executor';
import {
  type Model,
  modelDigest,
  NEXT_READING_HEADROOM,
  nextReadingModel,
  quantize,
  resolveGraph,
  writeModel,
} from '@spikewire/models';
import { afterEach, expect, it, vi } from 'vitest';
import { Desk } from '../desk/desk.ts';
import { NetPool } from '../session/pool/net-pool.ts';
import { DeskSource } from './desk-source.ts';

const channels = [{ name: 'level', unit: 'm' }];
const [float, other] = [1, 2].map((seed) => nextReadingModel({ channels, neurons: 10, rangeWarmUp: 10, seed })) as [
  Model,
  Model,
];
const integerForm = (model: Model) => quantize(model, { bits: 8, headroom: NEXT_READING_HEADROOM });

afterEach(() => vi.restoreAllMocks());

/** Counts how often any graph with a dense connection is resolved: its shape is asked for then, and never else. */
function countResolutions(model: Model): () => number {
  const { nodes } = resolveGraph(model.graph, model.semantics);
  const [kind] = nodes.flatMap(({ kind }) => (kind.role === 'connection' ? [kind] : []));
  const asked = vi.spyOn(kind!, 'outputShape');
  resolveGraph(model.graph, model.semantics);
  const once = asked.mock.calls.length;
  asked.mockClear();
  return () => asked.mock.calls.length / once;
}

it.each([
  { name: 'float', model: float, next: other },
  { name: 'integer', model: integerForm(float), next: integerForm(other) },
])('resolves the graph of a $name model once in each place that reads it', async ({ model, next }) => {
  const bytes = writeModel(model);
  const nextBytes = writeModel(next);
  const count = countResolutions(model);
  const run = inProcess(engineNamed('clocked'));
  const resolved: number[] = [];
  // The executor gets bytes, which it reads by itself: in most cases it is in another thread.
  const place: ExecutorSource = {
    ...run,
    async open(...given) {
      const before = count();
      const executor = await run.open(...given);
      resolved.push(count() - before);
      return executor;
    },
  };
  const pool = new NetPool(bytes, place);
  const desk = new Desk(pool, {});
  const page = new DeskSource(desk, { title: 'tank', names: new Map() });
  await pool.tryOut();
  for (const [time, key] of ['a', 'b', 'a'].entries()) await desk.feed(key, { time, values: Float64Array.of(time) });
  expect(page.net('a')).toMatchObject({ digest: modelDigest(bytes) });
  await pool.replaceModel(nextBytes);
  await desk.feed('a', { time: 4, values: Float64Array.of(4) });
  await pool.close();
  expect(resolved).toEqual([1, 1, 1, 1, 1]);
  // Two models were read: the first, and the one that took its place.
  expect(count()).toBe(2 + resolved.length);
});
