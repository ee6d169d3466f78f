import type { MiddlewareHandler } from 'hono';
import type { People } from '../../people/people.ts';
import type { Environment } from './environment.ts';
import { HttpRefusal } from './refusal.ts';

/** Longer ones are no tokens of a controller. */
const LONGEST_TOKEN = 200;

/** Lets only those through who send the token of a person, in every request: a page of another site cannot. */
export function expectPerson(people: People): MiddlewareHandler<Environment> {
  return async (context, next) => {
    const [, token = ''] = /^Bearer +(\S+)$/i.exec(context.req.header('authorization') ?? '') ?? [];
    const person = token === '' || token.length > LONGEST_TOKEN ? undefined : await people.whose(token);
    if (person === undefined)
      throw new HttpRefusal(401, 'no valid token; expected "authorization: Bearer <token>"', {
        'www-authenticate': 'Bearer',
      });
    context.set('person', person);
    await next();
  };
}
