import { createRoute, z } from '@hono/zod-openapi';
import { MOST_SHARED_BASES, type SharedBase, type WantedPart, type WantedParts } from 'spikewire/agent';
import type { Registry } from '../devices/registry.ts';
import type { Rounds } from '../rounds/rounds.ts';
import type { Application } from './base/environment.ts';
import { errorsOf } from './base/person-route.ts';
import { bodyOf, parsed, signatureOf, signedHeaders } from './device-routes.ts';
import { PART_PATH } from './limits/body-limit.ts';
import type { Limits } from './limits/limits.ts';
import { count, sha256 } from './schemas/report.ts';
import type { Shape } from './schemas/shape.ts';

const name = z.string().max(128);
const base = z.object({ model: name, channel: name, sha256 } satisfies Shape<SharedBase>);

const question = z.object({ bases: z.array(base).max(MOST_SHARED_BASES).readonly() }).openapi('SharedBases');

const wantedPart = z.object({
  ...{ round: z.string(), model: z.string(), channel: z.string(), sha256, fewest: count },
} satisfies Shape<WantedPart>);

const wantedParts = z
  .object({ parts: z.array(wantedPart).readonly(), every: z.number() } satisfies Shape<WantedParts>)
  .openapi('WantedParts');

const wanted = createRoute({
  ...{ method: 'post', path: '/v1/wanted', summary: 'says which parts open rounds want', tags: ['devices themselves'] },
  request: {
    headers: signedHeaders,
    body: { required: true, content: { 'application/json': { schema: question } } },
  },
  responses: {
    200: { description: 'parts', content: { 'application/json': { schema: wantedParts } } },
    ...errorsOf([400, 401, 410, 411, 413, 429, 500, 503]),
  },
});

const part = createRoute({
  ...{ method: 'post', path: PART_PATH, summary: 'takes a part of a round', tags: ['devices themselves'] },
  request: {
    headers: signedHeaders,
    body: {
      required: true,
      description: 'sums of lessons; docs/fleet-protocol.md has its format',
      content: { 'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) } },
    },
  },
  responses: {
    204: { description: 'the controller has a part of this device for the round' },
    ...errorsOf([400, 401, 404, 410, 411, 413, 422, 429, 500, 503]),
  },
});

/**
 * What devices ask that learn from each other. Both requests may be repeated: so their counters are not compared.
 */
export function addPartRoutes(application: Application, registry: Registry, rounds: Rounds, limits: Limits): void {
  application.openAPIRegistry.registerPath(wanted);
  application.openAPIRegistry.registerPath(part);
  application.post(wanted.path, async (context) => {
    const request = { path: wanted.path, ...signatureOf(context), body: await bodyOf(context) };
    const read = () => {
      limits.expectDevice(request.device);
      return parsed(question, request.body).bases;
    };
    return context.json(await rounds.wanted(request, read));
  });
  application.post(part.path, limits.ofBackups, async (context) => {
    const signature = signatureOf(context);
    await registry.expectMember(signature.device); // before much is read
    const request = { path: part.path, body: await bodyOf(context), ...signature };
    await rounds.storePart(request, (device) => limits.expectPart(device));
    return context.body(null, 204);
  });
}
