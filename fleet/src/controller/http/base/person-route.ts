import { createRoute, z } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { mayDo } from '../../people/role.ts';
import type { Person, Role } from '../../wire/wire.ts';
import type { Application, Environment } from './environment.ts';
import { HttpRefusal } from './refusal.ts';

/** A request that people make, and what it takes and gives. */
export interface PersonRoute<Params extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodType, Answer> {
  readonly method: 'get' | 'post' | 'patch' | 'delete';
  /** Below `/v1`, with names of parameters in braces. */
  readonly path: string;
  /** The least one. */
  readonly role: Role;
  readonly doc: string;
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  readonly answer: z.ZodType<Answer>;
  readonly answerWith: (asked: Asked<Params, Query, Body>) => Promise<Answer> | Answer;
}

export interface Asked<Params extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodType> {
  /** Who asks. */
  readonly person: Person;
  readonly params: z.infer<Params>;
  readonly query: z.infer<Query>;
  readonly body: z.infer<Body>;
}

const NOTHING = z.object({});
type Nothing = typeof NOTHING;

export const errorBody = z
  .object({ error: z.string().openapi({ description: 'one line' }), counter: z.number().int().optional() })
  .openapi('Error');

const ERRORS: Readonly<Record<number, string>> = {
  400: 'the request is malformed',
  401: 'no valid token or signature',
  403: 'the role or the token does not allow it',
  404: 'unknown',
  409: 'the counter is not above the last one',
  410: 'the device was retired or revoked',
  411: 'the length of the body is missing',
  413: 'the body is too long',
  422: 'the request is refused',
  429: 'too many requests',
  500: 'the controller failed',
  503: 'the controller or its database is busy',
  507: 'the space for backups is full',
};

/** What every request of people can be answered with. */
const OF_PEOPLE = [400, 401, 403, 404, 411, 413, 422, 429, 500, 503];

/** The responses of a route with these errors. */
export function errorsOf(statuses: readonly number[]) {
  const content = { 'application/json': { schema: errorBody } };
  return Object.fromEntries(statuses.map((status) => [status, { description: ERRORS[status]!, content }]));
}

/** Adds a route for people. A request comes to it only with the token of a person whose role allows it. */
export function addRoute<
  Answer,
  Params extends z.ZodObject = Nothing,
  Query extends z.ZodObject = Nothing,
  Body extends z.ZodType = Nothing,
>(application: Application, asked: PersonRoute<Params, Query, Body, Answer>): void {
  const { method, path, role, doc, params, query, body, answer, answerWith } = asked;
  const route = createRoute({
    ...{ method, path, summary: doc, description: needs(role), security: [{ person: [] }] },
    middleware: expectRole(role),
    request: {
      ...(params && { params }),
      ...(query && { query }),
      ...(body && { body: { required: true, content: { 'application/json': { schema: body } } } }),
    },
    responses: {
      200: { description: 'done', content: { 'application/json': { schema: answer } } },
      ...errorsOf(OF_PEOPLE),
    },
  });
  application.openapi(route, async (context) => {
    const valid = (target: 'param' | 'query' | 'json') => context.req.valid(target as never);
    const answered = await answerWith({
      person: context.var.person,
      params: (params ? valid('param') : {}) as z.infer<Params>,
      query: (query ? valid('query') : {}) as z.infer<Query>,
      body: (body ? valid('json') : {}) as z.infer<Body>,
    });
    return context.json(answered as never, 200);
  });
}

/** A request that people make, whose answer is of this type. */
export interface DocumentRoute {
  readonly role: Role;
  readonly doc: string;
  readonly type: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
}

/** Describes a route whose answer is not JSON, and returns the handler that lets only people with the role through. */
export function describeRoute(
  application: Application,
  path: string,
  { role, doc, type, params, query }: DocumentRoute,
): MiddlewareHandler<Environment> {
  application.openAPIRegistry.registerPath({
    ...{ method: 'get', path, summary: doc, description: needs(role), security: [{ person: [] }] },
    request: { ...(params && { params }), ...(query && { query }) },
    responses: {
      200: { description: 'done', content: { [type]: { schema: z.string() } } },
      ...errorsOf([...(params || query ? [400, 404, 422] : []), 401, 403, 429, 500, 503]),
    },
  });
  return expectRole(role);
}

function needs(role: Role): string {
  return `Needs the role \`${role}\`.`;
}

/** Lets only those through who may do what needs the role. */
function expectRole(needed: Role): MiddlewareHandler<Environment> {
  return async ({ var: { person } }, next) => {
    if (!mayDo(person.role, needed))
      throw new HttpRefusal(403, `${person.name} has the role ${person.role}; expected ${needed} or more`);
    await next();
  };
}
