import { createRoute, z } from '@hono/zod-openapi';
import { SpikewireError } from '@spikewire/models';
import type { Context } from 'hono';
import { COUNTER_HEADER, DEVICE_HEADER, deviceId, isRequestSignedBy, SIGNATURE_HEADER } from 'spikewire/agent';
import { DeviceRefusal } from '../devices/device-refusal.ts';
import type { Registry } from '../devices/registry.ts';
import type { DeviceRequest } from '../devices/taking-report.ts';
import type { Application, Environment } from './base/environment.ts';
import { errorsOf } from './base/person-route.ts';
import { HttpRefusal } from './base/refusal.ts';
import { BACKUP_PATH } from './limits/body-limit.ts';
import type { Limits } from './limits/limits.ts';
import { deviceReport, joinRequest, orders } from './schemas/report.ts';

export const signedHeaders = z.object({
  [DEVICE_HEADER]: z.string().openapi({ description: 'id of the device' }),
  [COUNTER_HEADER]: z.string().openapi({ description: 'a whole number, above that of the last request' }),
  [SIGNATURE_HEADER]: z.string().openapi({ description: 'Ed25519, in hex; docs/fleet-protocol.md says of what' }),
});
const reportHeaders = signedHeaders.extend({
  'if-none-match': z.string().optional().openapi({ description: '`etag` of the last orders' }),
});

const join = createRoute({
  ...{ method: 'post', path: '/v1/join', summary: 'makes a device a member', tags: ['devices themselves'] },
  request: {
    headers: signedHeaders,
    body: { required: true, content: { 'application/json': { schema: joinRequest } } },
  },
  responses: {
    200: {
      description: 'it is a member, perhaps since an earlier request',
      content: { 'application/json': { schema: z.object({ device: z.string() }) } },
    },
    ...errorsOf([400, 401, 403, 410, 411, 413, 429, 500, 503]),
  },
});

const report = createRoute({
  ...{ method: 'post', path: '/v1/report', summary: 'takes a report, gives orders', tags: ['devices themselves'] },
  request: {
    headers: reportHeaders,
    body: { required: true, content: { 'application/json': { schema: deviceReport } } },
  },
  responses: {
    200: { description: 'orders', content: { 'application/json': { schema: orders } } },
    204: { description: 'the orders that the device has still hold' },
    ...errorsOf([400, 401, 409, 410, 411, 413, 429, 500, 503]),
  },
});

const backup = createRoute({
  ...{ method: 'post', path: BACKUP_PATH, summary: 'keeps a backup', tags: ['devices themselves'] },
  request: {
    headers: signedHeaders,
    body: {
      required: true,
      description: 'encrypted by the device; docs/fleet-protocol.md has its format',
      content: { 'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) } },
    },
  },
  responses: {
    204: { description: 'the controller keeps it' },
    ...errorsOf([400, 401, 409, 410, 411, 413, 429, 500, 503, 507]),
  },
});

/** What devices ask, by docs/fleet-protocol.md. The signature is over the bytes of the body, so these are read here. */
export function addDeviceRoutes(application: Application, registry: Registry, limits: Limits): void {
  application.openAPIRegistry.registerPath(join);
  application.openAPIRegistry.registerPath(report);
  application.openAPIRegistry.registerPath(backup);
  application.post(join.path, limits.ofStrangers, async (context) => {
    const body = await bodyOf(context);
    const request = parsed(joinRequest, body);
    expectOwnKey({ path: join.path, body, ...signatureOf(context) }, request.publicKey);
    return context.json(await registry.join(request));
  });
  application.post(report.path, async (context) => {
    const request = { path: report.path, ...signatureOf(context), body: await bodyOf(context) };
    const etag = context.req.header('if-none-match')?.replace(/^"(.*)"$/, '$1');
    const read = () => {
      limits.expectDevice(request.device);
      return parsed(deviceReport, request.body);
    };
    const answer = await registry.report(request, read, etag);
    if (answer === undefined) return context.body(null, 204);
    return context.json(answer.orders, 200, { etag: `"${answer.etag}"` });
  });
  application.post(backup.path, limits.ofBackups, async (context) => {
    const signature = signatureOf(context);
    await registry.expectMember(signature.device); // before much is read
    const request = { path: backup.path, body: await bodyOf(context), ...signature };
    await registry.storeBackup(request, (device) => limits.expectBackup(device));
    return context.body(null, 204);
  });
}

/** Nobody joins with the key of another device. */
function expectOwnKey({ signature, ...request }: DeviceRequest, publicKey: string): void {
  if (!isRequestSignedBy(publicKey, { ...request, device: deviceId(publicKey) }, signature))
    throw new DeviceRefusal('device', { kind: 'unknown' });
}

export async function bodyOf({ req }: Context<Environment>): Promise<Uint8Array> {
  const body = await req.arrayBuffer().catch(() => {
    throw new HttpRefusal(400, 'the body has not come whole');
  });
  return new Uint8Array(body);
}

export function signatureOf({ req }: Context<Environment>) {
  const [device = '', counter = '', signature = ''] = [DEVICE_HEADER, COUNTER_HEADER, SIGNATURE_HEADER].map((name) =>
    req.header(name),
  );
  if (!/^\d{1,16}$/.test(counter) || !Number.isSafeInteger(Number(counter)))
    throw new SpikewireError('input', COUNTER_HEADER, 'is no counter', 'a whole number below 2⁵³');
  return { device, counter: Number(counter), signature };
}

export function parsed<Schema extends z.ZodType>(schema: Schema, body: Uint8Array): z.infer<Schema> {
  let said: unknown;
  try {
    said = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new SpikewireError('input', 'body', 'is not JSON in UTF-8', 'a JSON document');
  }
  const read = schema.safeParse(said);
  if (read.success) return read.data;
  throw new SpikewireError('input', 'body', problemOf(read.error));
}

/** The first thing that a schema found wrong, in one line. */
export function problemOf({ issues }: z.ZodError): string {
  const { path, message } = issues[0]!;
  return `${path.map(String).join('.') || 'value'}: ${message}`;
}
