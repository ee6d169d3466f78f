import { expect, it, vi } from 'vitest';
import { installed } from './programs.ts';

vi.mock('../../services.ts', () => ({ pathOf: () => undefined }));

it('a program that is not installed is named with its Debian package', () => {
  const line = 'nats-server: is not installed; expected apt-get install --no-install-recommends nats-server';
  expect(() => installed('nats-server')).toThrow(line);
});
