import { z } from '@hono/zod-openapi';
import { UnknownItemError } from '../../database/unknown-item.ts';
import type { Offers } from '../../offers/offers.ts';
import type { Rollouts } from '../../rollouts/stored-rollouts.ts';
import type { Application } from '../base/environment.ts';
import { addRoute } from '../base/person-route.ts';
import { listOf, listQuery, word } from '../schemas/list.ts';
import { done } from '../schemas/people.ts';
import { machineState, rolloutDetails, rolloutMachine, rolloutRequest, rolloutSummary } from '../schemas/rollouts.ts';

const ofRollout = z.object({ id: word });

export function addRolloutRoutes(application: Application, rollouts: Rollouts, offers: Offers): void {
  addRoute(application, {
    ...{ method: 'get', path: '/v1/rollouts', role: 'look', doc: 'rollouts, the newest first' },
    query: z.object({ ...listQuery, phase: z.enum(['open', 'ended']).optional() }),
    answer: listOf(rolloutSummary),
    answerWith: ({ query }) => rollouts.list(query),
  });
  addRoute(application, {
    ...{ method: 'post', path: '/v1/rollouts', role: 'release', doc: 'begins a rollout' },
    body: rolloutRequest,
    answer: z.object({ id: z.string() }),
    answerWith: async ({ body, person }) => {
      await offers.expect(body);
      return { id: await rollouts.begin(body, person.name) };
    },
  });
  addRoute(application, {
    ...{ method: 'get', path: '/v1/rollouts/{id}', role: 'look', doc: 'a rollout and what its machines report' },
    params: ofRollout,
    answer: rolloutDetails,
    answerWith: async ({ params: { id } }) => {
      const { evidence, ...rest } = found(await rollouts.get(id), id);
      return { ...rest, evidence: { worse: finite(evidence.worse), notWorse: finite(evidence.notWorse) } };
    },
  });
  addRoute(application, {
    ...{ method: 'get', path: '/v1/rollouts/{id}/machines', role: 'look' },
    doc: 'machines of a rollout, in the order in which they get the base',
    params: ofRollout,
    query: z.object({ ...listQuery, state: machineState.optional() }),
    answer: listOf(rolloutMachine),
    answerWith: async ({ params: { id }, query }) => found(await rollouts.machines(id, query), id),
  });
  addActs(application, rollouts);
}

const ACTS = {
  approve: 'lets a rollout that is held continue with its next wave, once all have approved whom its plan names',
  pause: 'lets no machine begin with the base, and no wave begin',
  resume: 'ends a pause',
  abort: 'ends a rollout: machines leave its base',
} as const;

function addActs(application: Application, rollouts: Rollouts): void {
  for (const [act, doc] of Object.entries(ACTS))
    addRoute(application, {
      ...{ method: 'post', path: `/v1/rollouts/{id}/${act}`, role: 'release', doc },
      params: ofRollout,
      answer: done,
      answerWith: async ({ params: { id }, person }) => {
        if (act === 'approve') await rollouts.approve(id, person.name, person.role);
        else await rollouts[act as Exclude<keyof typeof ACTS, 'approve'>](id, person.name);
        return {};
      },
    });
}

function found<Item>(item: Item | undefined, id: string): Item {
  if (item === undefined) throw new UnknownItemError('rollout', id);
  return item;
}

/** JSON has no infinity. */
function finite(value: number): number {
  return Math.min(value, Number.MAX_VALUE);
}
