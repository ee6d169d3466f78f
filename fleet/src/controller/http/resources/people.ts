import { z } from '@hono/zod-openapi';
import type { People } from '../../people/people.ts';
import type { Application } from '../base/environment.ts';
import { addRoute } from '../base/person-route.ts';
import { listOf, listQuery, pageOfAll, word } from '../schemas/list.ts';
import { done, person as personSchema, role } from '../schemas/people.ts';

export function addPeopleRoutes(application: Application, people: People): void {
  addRoute(application, {
    ...{ method: 'get', path: '/v1/people', role: 'administer', doc: 'who may use the controller' },
    query: z.object(listQuery),
    answer: listOf(personSchema),
    answerWith: async ({ query }) => pageOfAll(await people.list(), ({ name }) => name, query),
  });
  addRoute(application, {
    ...{
      method: 'post',
      path: '/v1/people',
      role: 'administer',
      doc: 'adds a person; nobody can read the token again',
    },
    body: z.object({ name: z.string(), role }).openapi('NewPerson'),
    answer: z.object({ id: z.string(), token: z.string() }),
    answerWith: ({ body, person }) => people.add({ ...body, by: person.name }),
  });
  addRoute(application, {
    ...{ method: 'delete', path: '/v1/people/{id}', role: 'administer', doc: 'takes access from a person at once' },
    params: z.object({ id: word }),
    answer: done,
    answerWith: async ({ params, person }) => {
      await people.remove(params.id, person.name);
      return {};
    },
  });
}
