import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Part } from './part.ts';
import { launch } from './processes.ts';

export const SPIKEWIRE = fileURLToPath(new URL('../../../runtime/bin/spikewire.js', import.meta.url));
const PATIENCE_MS = 2000;

/** A repository of models, and the root that is trusted. */
export interface TrustedModels {
  readonly repository: string;
  readonly root: string;
}

export interface ControllerSettings {
  readonly port: number;
  /** `postgres://…`; undefined: SQLite in its folder. */
  readonly database: string | undefined;
  readonly brokers: readonly string[];
  readonly models: TrustedModels | null;
  /** Mean time between two reports of a device, in seconds; undefined: that of the controller. */
  readonly every: number | undefined;
}

/** A controller of this checkout, which trusts `x-forwarded-for`: so devices of a test have addresses of their own. */
export function controllerPart(folder: string, name: string, settings: ControllerSettings): Part {
  const { port, database, brokers, models, every } = settings;
  const address = `http://127.0.0.1:${port}/`;
  const log = join(folder, `${name}.log`);
  const words = [
    ...['--folder', join(folder, name), '--port', String(port), '--behind-proxy'],
    ...(models === null ? [] : ['--repository', models.repository, '--root', models.root]),
    ...(database === undefined ? [] : ['--database', database]),
    ...(brokers.length === 0 ? [] : ['--mqtt', brokers[0]!]),
    ...(every === undefined ? [] : ['--every', String(every)]),
  ];
  return {
    ...{ name, address, log, signals: { end: 'SIGTERM', kill: 'SIGKILL' } },
    start: () => launch([process.execPath, SPIKEWIRE, 'fleet', 'serve', ...words], log),
    answers: () =>
      fetch(new URL('/openapi.json', address), { signal: AbortSignal.timeout(PATIENCE_MS) }).then(
        (answer) => answer.ok,
        () => false,
      ),
  };
}
