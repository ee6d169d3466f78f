import { join, resolve } from 'node:path';
import { mosquittoPart, type NatsPorts, natsParts } from './broker-parts.ts';
import { controllerPart, type TrustedModels } from './controller-part.ts';
import type { Part } from './part.ts';
import { freePorts } from './ports.ts';
import { postgresPart } from './postgres-part.ts';
import { installed, installedPostgres } from './programs.ts';

export type Brokers = 'nats' | 'mosquitto' | 'none';

export interface ClusterOptions {
  /** Default: three nodes of NATS. */
  readonly brokers?: Brokers | undefined;
  /** Default true. Without PostgreSQL there is one controller, with SQLite. */
  readonly postgres?: boolean | undefined;
  /** Repository of models; null: none. Default: a new one without models, whose keys are in `keys`. */
  readonly repository?: string | null | undefined;
  /** The root.json of the repository. Default: the first one in it. */
  readonly root?: string | undefined;
  /** Mean time between two reports of a device, in seconds; default: that of the controller. */
  readonly every?: number | undefined;
}

/** What a cluster is made of: from it the same parts are made again after one of them was killed. */
export interface Plan {
  /** Port of PostgreSQL; undefined: SQLite. */
  readonly postgres?: number | undefined;
  readonly nats: readonly NatsPorts[];
  readonly mosquitto?: number | undefined;
  readonly controllers: readonly number[];
  readonly models: TrustedModels | null;
  readonly every?: number | undefined;
}

const NATS_NODES = 3;

/** Chooses free ports. Throws `usage` where a program is not installed. */
export async function newPlan(folder: string, options: ClusterOptions): Promise<Plan> {
  const { brokers = 'nats', postgres = true, every } = options;
  if (postgres) installedPostgres();
  if (brokers === 'nats') installed('nats-server');
  if (brokers === 'mosquitto') installed('mosquitto');
  const ports = await freePorts(3 * NATS_NODES + 4);
  const next = () => ports.pop()!;
  const node = () => ({ nats: next(), route: next(), mqtt: next() });
  return {
    ...{ models: modelsOf(folder, options), every },
    nats: brokers === 'nats' ? Array.from({ length: NATS_NODES }, node) : [],
    mosquitto: brokers === 'mosquitto' ? next() : undefined,
    postgres: postgres ? next() : undefined,
    controllers: postgres ? [next(), next()] : [next()],
  };
}

function modelsOf(folder: string, options: ClusterOptions): TrustedModels | null {
  if (options.repository === null) return null;
  const repository = resolve(options.repository ?? join(folder, 'repository'));
  return { repository, root: resolve(options.root ?? join(repository, 'metadata', '1.root.json')) };
}

export interface PlannedParts {
  readonly database: Part | undefined;
  readonly brokers: readonly Part[];
  readonly controllers: readonly Part[];
}

export function partsOf(folder: string, plan: Plan): PlannedParts {
  const { postgres, nats, mosquitto, controllers, models, every } = plan;
  const database = postgres === undefined ? undefined : postgresPart(folder, postgres);
  const brokers = mosquitto === undefined ? natsParts(folder, nats) : [mosquittoPart(folder, mosquitto)];
  const addresses = brokers.map(({ address }) => address);
  const settings = { database: database?.address, models, every };
  return {
    ...{ database, brokers },
    controllers: controllers.map((port, k) => {
      // Each begins with another broker.
      const own = [...addresses.slice(k), ...addresses.slice(0, k)];
      return controllerPart(folder, `controller-${k + 1}`, { ...settings, port, brokers: own });
    }),
  };
}
