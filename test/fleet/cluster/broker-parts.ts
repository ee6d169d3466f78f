import { mkdir, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { acceptsMqtt } from './mqtt-answer.ts';
import type { Part } from './part.ts';
import { launch } from './processes.ts';
import { installed } from './programs.ts';

/** Connections that one broker takes. */
const MOST_CONNECTIONS = 65_536;

/** Ports of a node: of NATS itself, of its routes to the others, and of MQTT. */
export interface NatsPorts {
  readonly nats: number;
  readonly route: number;
  readonly mqtt: number;
}

/** The nodes of a NATS cluster that speaks MQTT 3.1.1. */
export function natsParts(folder: string, ports: readonly NatsPorts[]): Part[] {
  return ports.map((own, k) => {
    const name = `nats-${k + 1}`;
    const file = join(folder, `${name}.conf`);
    return brokerPart(folder, name, own.mqtt, async () => {
      await writeFile(file, natsConfiguration(name, join(folder, name), own, ports));
      return [installed('nats-server'), '-c', file];
    });
  });
}

function natsConfiguration(name: string, store: string, own: NatsPorts, all: readonly NatsPorts[]): string {
  // Without its own: a node takes the number of its routes, and itself, for the size of the cluster.
  const others = all.filter(({ route }) => route !== own.route);
  const routes = others.map(({ route }) => `"nats://127.0.0.1:${route}"`).join(', ');
  return `server_name: ${name}
host: 127.0.0.1
port: ${own.nats}
max_connections: ${MOST_CONNECTIONS}
jetstream { store_dir: "${store}", max_mem: 256M, max_file: 2G }
mqtt { host: 127.0.0.1, port: ${own.mqtt}, max_ack_pending: 1000, stream_replicas: ${all.length} }
cluster { name: spikewire, host: 127.0.0.1, port: ${own.route}, routes: [${routes}] }
`;
}

/** One mosquitto, whose queues have no limits. */
export function mosquittoPart(folder: string, port: number): Part {
  const [file, store] = [join(folder, 'mosquitto.conf'), join(folder, 'mosquitto')];
  return brokerPart(folder, 'mosquitto', port, async () => {
    await mkdir(store, { recursive: true });
    const lines = [
      ...[`listener ${port} 127.0.0.1`, 'allow_anonymous true', `user ${userInfo().username}`],
      ...['persistence true', `persistence_location ${store}/`, 'set_tcp_nodelay true'],
      ...['max_connections -1', 'max_queued_messages 0', 'log_dest stderr', 'log_type error', 'log_type warning'],
    ];
    await writeFile(file, `${lines.join('\n')}\n`);
    return [installed('mosquitto'), '-c', file];
  });
}

/** @param prepared writes its files; gives the command */
function brokerPart(folder: string, name: string, port: number, prepared: () => Promise<string[]>): Part {
  const log = join(folder, `${name}.log`);
  return {
    ...{ name, address: `mqtt://127.0.0.1:${port}`, log, signals: { end: 'SIGTERM', kill: 'SIGKILL' } },
    start: async () => launch(await prepared(), log),
    answers: () => acceptsMqtt(port),
  };
}
