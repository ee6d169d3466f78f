import { describe, expect, it } from 'vitest';
import { importCompanion } from './companion.ts';

const failing = (message: string, code: string) => async () => {
  throw Object.assign(new Error(message), { code });
};

describe('a package that a machine may do without', () => {
  it('gives its entry', async () => {
    const load = async (name: string) => ({ name });
    expect(await importCompanion('@spikewire/devices', 'sensors', load)).toEqual({
      name: '@spikewire/devices/sensors',
    });
  });

  it.each([
    ["Cannot find package '@spikewire/devices' imported from /x.js", 'ERR_MODULE_NOT_FOUND'],
    ['Package subpath \'./sensors\' is not defined by "exports"', 'ERR_PACKAGE_PATH_NOT_EXPORTED'],
  ])('is undefined where Node says: %s', async (message, code) => {
    expect(await importCompanion('@spikewire/devices', 'sensors', failing(message, code))).toBeUndefined();
  });

  it.each([
    ["Cannot find package 'serialport' imported from /x.js", 'ERR_MODULE_NOT_FOUND'],
    ["Cannot find package '@spikewire/devices-extra' imported from /x.js", 'ERR_MODULE_NOT_FOUND'],
    ['Unexpected token', 'ERR_SOMETHING'],
  ])('that is broken says so: %s', async (message, code) => {
    await expect(importCompanion('@spikewire/devices', 'sensors', failing(message, code))).rejects.toMatchObject({
      code: 'unsupported',
      message: `@spikewire/devices: cannot be loaded: ${message}; expected the file that npm run pack:device makes in the repository of spikewire`,
    });
  });

  it('is really looked up by name', async () => {
    expect(await importCompanion('@spikewire/no-such-package', 'sensors')).toBeUndefined();
  });
});
