import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { ENGINES } from '../database/new-database.test-data.ts';
import { joined, machineReport, sha } from '../devices/test-device.test-data.ts';
import { Live } from '../live/live.ts';
import { Offers } from '../offers/offers.ts';
import { DEFAULT_PLAN } from '../rollouts/plan.ts';
import { BASE, BASE_SHA256 } from '../rounds/round-parts.test-data.ts';
import { type Json, startTestServer, type TestServer } from './test-server.test-data.ts';

interface Described {
  readonly paths: Record<string, Record<string, { responses: Record<string, { content?: Record<string, object> }> }>>;
}

/** Says what is wrong with an answer, by the document of the server itself. */
class Judge {
  readonly described: Described;
  readonly #ajv = new Ajv2020({ strict: false });
  readonly seen = new Set<string>();

  constructor(described: Described) {
    this.described = described;
    this.#ajv.addSchema(described, 'api');
  }

  static async of({ ask }: TestServer): Promise<Judge> {
    return new Judge((await (await ask(undefined, 'GET', '/openapi.json')).json()) as Described);
  }

  async expectDescribed(route: string, response: Response): Promise<Json> {
    const [method, path] = route.toLowerCase().split(' ') as [string, string];
    const { responses } = this.described.paths[path]![method]!;
    expect(Object.keys(responses), route).toContain(String(response.status));
    const types = Object.keys(responses[response.status]!.content ?? {});
    const [type = ''] = (response.headers.get('content-type') ?? '').split(';');
    expect(types, route).toContain(type);
    this.seen.add(`${route} ${response.status < 400 ? 'done' : 'refused'}`);
    if (type !== 'application/json') return response.body?.cancel();
    const body = await response.json();
    const pointer = ['paths', path, method, 'responses', String(response.status), 'content', type, 'schema'];
    const validate = this.#ajv.getSchema(`api#/${pointer.map(escaped).join('/')}`) as ValidateFunction;
    expect([route, validate(body), validate.errors]).toEqual([route, true, null]);
    return body;
  }
}

function escaped(step: string): string {
  return encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'));
}

const OFFER = {
  ...{
    target: { name: 'stable/pump.spike', length: BASE.length, sha256: BASE_SHA256, custom: undefined },
    model: 'pump',
  },
  ...{
    channel: 'stable',
    groups: ['mill'],
    engine: '0.2.0',
    form: 'float32',
    input: sha('1'),
    memory: 1,
    selfTests: 0,
  },
  ...{ carrying: ['carry'], bases: [] },
};

/** A repository with one model, read as the client of the repository does. */
function offering(): Offers {
  const { target: _, ...said } = OFFER;
  const custom = new Map([['spikewire', new Map(Object.entries(said))]]);
  const targets = new Map([[OFFER.target.name, { ...OFFER.target, custom }]]);
  return new Offers({ refresh: async () => ({ targets }) as never }, { read: async () => BASE });
}

describe('the OpenAPI document', () => {
  it('is valid', async (context) => {
    const { described } = await Judge.of(await startTestServer('postgres', context));
    const { valid, errors } = await new Validator().validate(described as object as Record<string, unknown>);
    expect([valid, errors]).toEqual([true, undefined]);
  });

  it('has every route of the server', async (context) => {
    const server = await startTestServer('postgres', context);
    const { described } = await Judge.of(server);
    const routes = server.application.routes.filter(({ method, path }) => method !== 'ALL' && !path.includes('*'));
    for (const { method, path } of routes) {
      if (path === '/openapi.json') continue;
      const braces = path.replace(/:(\w+)/g, '{$1}');
      expect([path, Object.keys(described.paths[braces] ?? {})]).toEqual([
        path,
        expect.arrayContaining([method.toLowerCase()]),
      ]);
    }
  });

  it('says that the number of a backup may be left out', async (context) => {
    const { described } = await Judge.of(await startTestServer('postgres', context));
    expect(described.paths['/v1/devices/{id}/backup']!.get).toMatchObject({
      parameters: [
        { in: 'path', name: 'id', required: true },
        { in: 'query', name: 'number', required: false },
      ],
    });
  });

  it.for(ENGINES)('describes all answers, with %s', async (engine, context) => {
    const live = new Live({ follow: () => ({ look() {}, async close() {} }) }, { taken: 0, dropped: 0, devices: 0 });
    const server = await startTestServer(engine, context, { offers: offering(), live });
    const judge = await Judge.of(server);
    const ask = async (route: string, id = '', query = '', body?: unknown) => {
      const [method, path] = route.split(' ') as [string, string];
      const response = await server.ask('administer', method, path.replace('{id}', id) + query, body);
      return judge.expectDescribed(route, response);
    };
    const devices = await joined(server.registry, 4, { site: 'mill' });
    for (const [k, device] of devices.entries())
      await device.report(server.registry, [
        machineReport({ machine: 'a' }),
        machineReport({ machine: 'b', problem: k ? null : 'x' }),
      ]);
    const [one, two, three] = devices.map(({ id }) => id) as [string, string, string];

    expect(await ask('GET /v1/status')).toMatchObject({ devices: { reporting: 3, problem: 1, silent: 0 } });
    expect((await ask('GET /v1/devices', '', '?limit=2')).items).toHaveLength(2);
    await ask('GET /v1/devices', '', '?limit=0');
    expect((await ask('GET /v1/devices/{id}', one)).machines).toHaveLength(2);
    await ask('GET /v1/devices/{id}', 'nobody');
    await ask('GET /v1/devices/{id}/live', one);
    await ask('GET /v1/devices/{id}/live', 'nobody');
    await server.registry.storeBackup(devices[0]!.backup(Buffer.from('sealed')), () => undefined);
    expect((await ask('GET /v1/devices/{id}', one)).backups).toMatchObject([{ bytes: 6 }]);
    await ask('GET /v1/devices/{id}/backup', one);
    await ask('GET /v1/devices/{id}/backup', two);
    await ask('DELETE /v1/devices/{id}/backup', one);
    await ask('DELETE /v1/devices/{id}/backup', one);
    expect(await ask('GET /v1/groups')).toEqual({ items: [{ key: 'site', devices: 4 }], next: null });
    expect((await ask('GET /v1/groups', '', '?by=site')).items).toEqual([
      { value: 'mill', devices: 4, machines: 8, silent: 0, problem: 1 },
    ]);
    await ask('GET /v1/groups', '', '?after=nonsense');
    await ask('PATCH /v1/devices/{id}', one, '', { name: 'first', labels: { site: 'mill', line: '2' } });
    await ask('PATCH /v1/devices/{id}', one, '', { nam: 'first' });
    await ask('POST /v1/devices/{id}/retire', three);
    await ask('POST /v1/devices/{id}/retire', three);
    await ask('POST /v1/devices/{id}/revoke', three);
    await ask('POST /v1/devices/{id}/revoke', 'nobody');
    await ask('POST /v1/devices/{id}/replace', two, '', { old: devices[3]!.id });
    await ask('POST /v1/devices/{id}/replace', two, '', { old: two });

    const { token } = await ask('POST /v1/tokens', '', '', { labels: {}, hours: 1, uses: 1 });
    expect(token).toHaveLength(32);
    await ask('POST /v1/tokens', '', '', { labels: {}, hours: -1, uses: 1 });
    const { items: tokens } = await ask('GET /v1/tokens');
    await ask('GET /v1/tokens', '', '?after=x');
    await ask('DELETE /v1/tokens/{id}', tokens[0].id);
    await ask('DELETE /v1/tokens/{id}', tokens[0].id);

    const offers = await ask('GET /v1/offers');
    expect(offers).toMatchObject({ items: [{ sha256: BASE_SHA256, machines: 4, installed: 0 }], problem: null });
    await ask('GET /v1/offers', '', '?limit=x');
    const request = {
      name: 'new pump',
      model: 'pump',
      channel: 'stable',
      sha256: BASE_SHA256,
      labels: {},
      plan: DEFAULT_PLAN,
    };
    const { id } = await ask('POST /v1/rollouts', '', '', request);
    expect(await ask('POST /v1/rollouts', '', '', { ...request, sha256: sha('c') })).toEqual({
      error: expect.stringContaining('does not offer'),
    });
    for (const route of ['GET /v1/rollouts', 'GET /v1/rollouts/{id}', 'GET /v1/rollouts/{id}/machines'])
      await ask(route, id);
    expect((await ask('GET /v1/rollouts', '', '?phase=open')).items).toHaveLength(1);
    await ask('GET /v1/rollouts', '', '?phase=shut');
    expect((await ask('GET /v1/rollouts/{id}', id)).states).toMatchObject({ waiting: 4 });
    await ask('GET /v1/rollouts/{id}', 'nothing');
    expect((await ask('GET /v1/rollouts/{id}/machines', id, '?state=waiting&limit=3')).items).toHaveLength(3);
    await ask('GET /v1/rollouts/{id}/machines', 'nothing');
    for (const act of ['pause', 'resume']) {
      await ask(`POST /v1/rollouts/{id}/${act}`, id);
      await ask(`POST /v1/rollouts/{id}/${act}`, id);
    }
    await server.database.queries.updateTable('rollout').set({ phase: 'held' }).execute();
    await ask('POST /v1/rollouts/{id}/approve', id);
    await ask('POST /v1/rollouts/{id}/approve', id);
    await ask('POST /v1/rollouts/{id}/abort', id);
    await ask('POST /v1/rollouts/{id}/abort', id);

    const asked = {
      model: 'pump',
      channel: 'stable',
      base: BASE_SHA256,
      labels: {},
      cohort: 3,
      most: 3,
      fewest: 8,
      days: 1,
    };
    await ask('POST /v1/rounds', '', '', { ...asked, cohort: 'x' });
    const { id: round } = await ask('POST /v1/rounds', '', '', asked);
    expect((await ask('GET /v1/rounds')).items).toMatchObject([{ id: round, phase: 'open' }]);
    await ask('GET /v1/rounds', '', '?limit=x');
    expect(await ask('GET /v1/rounds/{id}', round)).toMatchObject({ cohort: 3, lessons: 0, leftOut: [] });
    await ask('GET /v1/rounds/{id}', 'nothing');
    await ask('GET /v1/rounds/{id}/result', round);
    await ask('POST /v1/rounds/{id}/close', round);
    await ask('POST /v1/rounds/{id}/close', 'nothing');
    const result = { result: Buffer.from('model'), resultSha256: sha('d'), phase: 'done' } as const;
    await server.database.queries.updateTable('round').set(result).execute();
    await ask('GET /v1/rounds/{id}/result', round);
    expect(await ask('GET /v1/rounds/{id}', round)).toMatchObject({ resultSha256: sha('d') });

    const person = await ask('POST /v1/people', '', '', { name: 'Eva', role: 'look' });
    await ask('POST /v1/people', '', '', { name: 'Eva', role: 'look' });
    expect((await ask('GET /v1/people')).items).toHaveLength(5);
    await ask('GET /v1/people', '', '?limit=101');
    await ask('DELETE /v1/people/{id}', person.id);
    await ask('DELETE /v1/people/{id}', person.id);

    expect((await ask('GET /v1/history', '', `?subject=${one}`)).items[0]).toMatchObject({ actor: 'who administer' });
    await ask('GET /v1/history', '', '?after=x');
    const { items: chain } = await ask('GET /v1/history/chain', '', '?after=1');
    expect(await ask('GET /v1/history/check')).toEqual({
      kind: 'whole',
      head: { number: chain.at(-1).number, hash: chain.at(-1).hash },
    });
    await ask('GET /v1/history/chain', '', '?after=-1');
    await ask('GET /v1/changes');
    await ask('GET /metrics');

    const unseen = Object.entries(judge.described.paths).flatMap(([path, methods]) =>
      Object.keys(methods).flatMap((method) => {
        const route = `${method.toUpperCase()} ${path}`;
        return ['done', 'refused'].filter((end) => !judge.seen.has(`${route} ${end}`)).map((end) => `${route} ${end}`);
      }),
    );
    // These cannot be refused to an administrator; requests of devices have tests of their own.
    const others = ['GET /v1/status', 'GET /v1/changes', 'GET /metrics', 'GET /v1/history/check'].map(
      (route) => `${route} refused`,
    );
    expect(unseen.filter((each) => !/\/v1\/(join|report|backup|wanted|part) /.test(each)).sort()).toEqual(
      others.sort(),
    );
    expect(server.warnings).toEqual([]);
  });
});
