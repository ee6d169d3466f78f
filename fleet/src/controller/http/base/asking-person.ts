import type { Context } from 'hono';
import { LONGEST_TOKEN } from '../../database/text.ts';
import type { People } from '../../people/people.ts';
import type { Person } from '../../wire/wire.ts';
import type { Environment } from './environment.ts';

/** The person whose token a request has; undefined if its token is missing or unknown. */
export async function askingPerson(
  { req }: Pick<Context<Environment>, 'req'>,
  people: People,
): Promise<Person | undefined> {
  const [, token = ''] = /^Bearer +(\S+)$/i.exec(req.header('authorization') ?? '') ?? [];
  return token === '' || token.length > LONGEST_TOKEN ? undefined : people.whose(token);
}
