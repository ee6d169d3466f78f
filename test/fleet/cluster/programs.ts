import { existsSync } from 'node:fs';
import { SpikewireError } from '@spikewire/models';
import { POSTGRES_PROGRAMS } from '../../postgres.ts';
import { pathOf } from '../../services.ts';

/** The path of a program of that name and Debian package. Throws `usage` where it is not installed. */
export function installed(program: 'nats-server' | 'mosquitto'): string {
  return pathOf(program) ?? missing(program);
}

export function installedPostgres(): string {
  return existsSync(POSTGRES_PROGRAMS) ? POSTGRES_PROGRAMS : missing('postgresql-17');
}

function missing(name: string): never {
  throw new SpikewireError('usage', name, 'is not installed', `apt-get install --no-install-recommends ${name}`);
}
