import { readdir, readFile } from 'node:fs/promises';
import { validate } from 'dockerfile-utils';
import { expect, it } from 'vitest';

const folder = new URL('../../deploy/', import.meta.url);

// They are not built here: that needs a registry of images.
it('Dockerfiles pass a linter, run as a user, and copy files that "npm run pack" makes', async () => {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.Dockerfile'));
  expect(names.length).toBeGreaterThan(1);
  for (const name of names) {
    const text = await readFile(new URL(name, folder), 'utf8');
    expect(validate(text).map(({ message }) => `${name}: ${message}`)).toEqual([]);
    expect(text).toMatch(/^USER node$/m);
    expect(text).toMatch(/^COPY pack\/spikewire-(\[0-9\]|with-trainer-)\*\.tgz /m);
  }
  expect(validate('FROM node:24-slim\nCOPI a b\n')).not.toEqual([]);
});
