import type { MiddlewareHandler } from 'hono';
import type { People } from '../people/people.ts';
import { askingPerson } from './base/asking-person.ts';
import type { Environment } from './base/environment.ts';
import { HttpRefusal } from './base/refusal.ts';
import type { Limits } from './limits/limits.ts';

/** Lets only those through who send the token of a person, in every request: a page of another site cannot. */
export function expectPerson(people: People, limits: Limits): MiddlewareHandler<Environment> {
  return async (context, next) => {
    const person = await askingPerson(context, people);
    if (person === undefined) {
      limits.expectStranger(context.env);
      throw new HttpRefusal(401, 'no valid token; expected "authorization: Bearer <token>"', {
        'www-authenticate': 'Bearer',
      });
    }
    limits.expectPerson(person.id);
    context.set('person', person);
    await next();
  };
}
