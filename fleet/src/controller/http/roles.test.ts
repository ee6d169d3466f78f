import { describe, expect, it } from 'vitest';
import { PERSON_ROLES } from '../people/role.ts';
import type { Role } from '../wire/wire.ts';
import { startTestServer } from './test-server.test-data.ts';

/** What each role may do beyond those before it, by hand. */
const ALLOWED: Readonly<Record<Role, readonly string[]>> = {
  look: [
    ...['GET /v1/status', 'GET /v1/devices', 'GET /v1/devices/{id}', 'GET /v1/groups', 'GET /v1/rollouts'],
    ...['GET /v1/rollouts/{id}', 'GET /v1/rollouts/{id}/machines', 'GET /v1/offers', 'GET /v1/history'],
    ...['GET /v1/history/chain', 'GET /v1/history/check', 'GET /v1/changes', 'GET /metrics'],
    ...['GET /v1/devices/{id}/live', 'GET /v1/rounds', 'GET /v1/rounds/{id}'],
  ],
  operate: [
    'PATCH /v1/devices/{id}',
    'GET /v1/tokens',
    'POST /v1/tokens',
    'DELETE /v1/tokens/{id}',
    'GET /v1/devices/{id}/backup',
  ],
  release: [
    ...['POST /v1/rollouts', 'POST /v1/rollouts/{id}/approve', 'POST /v1/rollouts/{id}/pause'],
    ...['POST /v1/rollouts/{id}/resume', 'POST /v1/rollouts/{id}/abort'],
    ...['POST /v1/rounds', 'POST /v1/rounds/{id}/close', 'GET /v1/rounds/{id}/result'],
  ],
  administer: [
    ...['POST /v1/devices/{id}/retire', 'POST /v1/devices/{id}/revoke', 'POST /v1/devices/{id}/replace'],
    'DELETE /v1/devices/{id}/backup',
    ...['GET /v1/people', 'POST /v1/people', 'DELETE /v1/people/{id}'],
  ],
};
const OF_DEVICES = ['POST /v1/join', 'POST /v1/report', 'POST /v1/backup', 'POST /v1/wanted', 'POST /v1/part'];

describe('people', () => {
  it.for(PERSON_ROLES.flatMap((role, rank) => ALLOWED[role].map((route) => [route, role, rank] as const)))(
    '%s needs the role %s',
    async ([route, , rank], context) => {
      const { ask, address } = await startTestServer('postgres', context);
      const [method, path] = route.replace('{id}', 'nobody').split(' ') as [string, string];
      const body = method === 'GET' ? undefined : {};
      for (const [k, role] of PERSON_ROLES.entries()) {
        const response = await ask(role, method, path, body);
        const isAllowed = k >= rank;
        expect([role, response.status === 403]).toEqual([role, !isAllowed]);
        expect(response.status).not.toBe(401);
        if (response.status >= 400) expect(Object.keys((await response.json()) as object)).toEqual(['error']);
        else await response.body?.cancel();
      }
      for (const authorization of ['', 'Bearer', 'Bearer x', `Bearer ${'x'.repeat(5000)}`, 'Basic YTpi']) {
        const response = await fetch(address + path, { method, headers: { authorization } });
        expect([authorization.length, response.status]).toEqual([authorization.length, 401]);
      }
    },
  );

  it('have no other routes', async (context) => {
    const { ask } = await startTestServer('postgres', context);
    const { paths } = (await (await ask(undefined, 'GET', '/openapi.json')).json()) as { paths: object };
    const routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(routes.sort()).toEqual([...Object.values(ALLOWED).flat(), ...OF_DEVICES].sort());
  });

  it('have no access any more as soon as they are removed', async (context) => {
    const { ask, people, done } = await startTestServer('postgres', context);
    const { id } = (await people.list()).find(({ role }) => role === 'look')!;
    expect((await ask('look', 'GET', '/v1/status')).status).toBe(200);
    await done('DELETE', `/v1/people/${id}`);
    expect((await ask('look', 'GET', '/v1/status')).status).toBe(401);
  });
});
