import { z } from '@hono/zod-openapi';
import { SpikewireError } from '@spikewire/models';
import { UnknownItemError } from '../../database/unknown-item.ts';
import type { Registry } from '../../devices/registry.ts';
import type { Labels } from '../../wire/wire.ts';
import type { Application } from '../base/environment.ts';
import { addRoute, describeRoute } from '../base/person-route.ts';
import { deviceDetails, deviceSummary, group, labelKey } from '../schemas/devices.ts';
import { listOf, listQuery, word } from '../schemas/list.ts';
import { done, health, labels } from '../schemas/people.ts';

const ofDevice = z.object({ id: word });

const deviceQuery = z.object({
  ...listQuery,
  search: word.optional().openapi({ description: 'a part of the name, or the beginning of the id' }),
  label: z
    .union([word, z.array(word)])
    .optional()
    .openapi({ type: 'array', items: { type: 'string' }, description: 'key=value; may be repeated' }),
  model: word.optional().openapi({ description: 'of at least one machine' }),
  base: word.optional().openapi({ description: 'SHA-256 of the base of at least one machine' }),
  health: health.optional().openapi({ description: 'absent: all but retired and revoked devices' }),
});

export function addDeviceListRoutes(application: Application, registry: Registry): void {
  addRoute(application, {
    ...{ method: 'get', path: '/v1/devices', role: 'look', doc: 'devices by their names' },
    query: deviceQuery,
    answer: listOf(deviceSummary),
    answerWith: ({ query: { label = [], ...wish } }) => registry.list({ ...wish, labels: labelsIn([label].flat()) }),
  });
  addRoute(application, {
    ...{
      method: 'get',
      path: '/v1/groups',
      role: 'look',
      doc: 'keys of labels; with `by`, members by the value of one',
    },
    query: z.object({ ...listQuery, by: word.optional().openapi({ description: 'key of a label' }) }),
    answer: listOf(z.union([group, labelKey])),
    answerWith: ({
      query: { by, ...wish },
    }): Promise<z.infer<ReturnType<typeof listOf<typeof labelKey | typeof group>>>> =>
      by === undefined ? registry.labelKeys(wish) : registry.groups(by, wish),
  });
}

const backupQuery = z.object({
  number: word.optional().openapi({ description: 'one of `backups` of the device; absent: the newest one' }),
});

/** Who takes a backup can read it only with the private recovery key. */
export function addDeviceBackupRoute(application: Application, registry: Registry): void {
  const path = '/v1/devices/{id}/backup';
  const about = { role: 'operate', doc: 'what the machines of a device have learned, encrypted by it' } as const;
  const type = 'application/octet-stream';
  const expectRole = describeRoute(application, path, { ...about, type, params: ofDevice, query: backupQuery });
  application.get('/v1/devices/:id/backup', expectRole, async (context) => {
    const number = context.req.query('number');
    if (number !== undefined && !/^\d{1,15}$/.test(number)) throw new UnknownItemError('backup', number);
    const by = context.var.person.name;
    const content = await registry.takeBackup(
      context.req.param('id'),
      number === undefined ? undefined : Number(number),
      by,
    );
    return context.body(new Uint8Array(content), 200, { 'content-type': type });
  });
}

export function addDeviceActRoutes(application: Application, registry: Registry): void {
  addRoute(application, {
    ...{ method: 'get', path: '/v1/devices/{id}', role: 'look', doc: 'a device and its machines' },
    params: ofDevice,
    answer: deviceDetails,
    answerWith: async ({ params: { id } }) => {
      const device = await registry.device(id);
      if (device === undefined) throw new UnknownItemError('device', id);
      return device;
    },
  });
  addRoute(application, {
    ...{
      method: 'patch',
      path: '/v1/devices/{id}',
      role: 'operate',
      doc: 'changes the name of a device, or its labels',
    },
    params: ofDevice,
    body: z
      .object({
        name: z.string().optional(),
        labels: labels.optional().openapi({ description: 'all of them: others are removed' }),
      })
      .strict()
      .openapi('DeviceChange'),
    answer: done,
    answerWith: async ({ params: { id }, body: { name, labels: wanted }, person: { name: by } }) => {
      if (name !== undefined) await registry.rename(id, name, by);
      if (wanted !== undefined) await registry.relabel(id, wanted, by);
      return {};
    },
  });
  const dismissals = { retire: 'takes a device out of use', revoke: 'takes out a device whose key may be stolen' };
  for (const act of ['retire', 'revoke'] as const)
    addRoute(application, {
      ...{ method: 'post', path: `/v1/devices/{id}/${act}`, role: 'administer', doc: `${dismissals[act]}, for ever` },
      params: ofDevice,
      answer: done,
      answerWith: async ({ params: { id }, person: { name: by } }) => {
        await registry[act](id, by);
        return {};
      },
    });
  addRoute(application, {
    ...{ method: 'delete', path: '/v1/devices/{id}/backup', role: 'administer' },
    doc: 'deletes all backups of a device',
    params: ofDevice,
    answer: done,
    answerWith: async ({ params: { id }, person: { name: by } }) => {
      await registry.deleteBackups(id, by);
      return {};
    },
  });
  addRoute(application, {
    ...{ method: 'post', path: '/v1/devices/{id}/replace', role: 'administer' },
    doc: 'gives the name and labels of another device to this one, and retires the other one if it is a member',
    params: ofDevice,
    body: z.object({ old: z.string().openapi({ description: 'id of the other device' }) }).openapi('Replacement'),
    answer: done,
    answerWith: async ({ params: { id }, body: { old }, person: { name: by } }) => {
      await registry.replace(old, id, by);
      return {};
    },
  });
}

/** Throws `input` for anything else than `key=value`. */
function labelsIn(words: readonly string[]): Labels {
  const pairs = words.map((each) => {
    const [, key, value] = /^([^=]+)=(.*)$/s.exec(each) ?? [];
    if (key !== undefined && value !== undefined) return [key, value] as const;
    throw new SpikewireError('input', 'label', `is ${JSON.stringify(each)}`, 'key=value');
  });
  return Object.fromEntries(pairs);
}
