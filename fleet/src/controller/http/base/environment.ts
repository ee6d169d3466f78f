import type { HttpBindings } from '@hono/node-server';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Person } from '../../wire/wire.ts';

/** What handlers find beside the request. */
export interface Environment {
  readonly Bindings: HttpBindings;
  /** Who asks, on routes for people. */
  readonly Variables: { person: Person };
}

export type Application = OpenAPIHono<Environment>;
