import { connect } from 'node:net';

/** CONNECT of MQTT 3.1.1 with a clean session and no name, CONNACK of a broker that accepts it, and DISCONNECT. */
const CONNECT = Buffer.from([0x10, 12, 0, 4, ...Buffer.from('MQTT'), 4, 2, 0, 10, 0, 0]);
const ACCEPTED = Buffer.from([0x20, 2, 0, 0]);
const DISCONNECT = Buffer.from([0xe0, 0]);
const PATIENCE_MS = 2000;

/** Whether a broker on a port of this machine takes clients. */
export function acceptsMqtt(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const settle = (accepts: boolean) => {
      resolve(accepts);
      socket.destroy();
    };
    let said = Buffer.alloc(0);
    socket.setTimeout(PATIENCE_MS, () => settle(false));
    socket.on('connect', () => socket.write(CONNECT));
    socket.on('data', (piece: Buffer) => {
      said = Buffer.concat([said, piece]);
      if (said.length < ACCEPTED.length) return;
      if (!said.equals(ACCEPTED)) settle(false);
      else socket.end(DISCONNECT, () => settle(true));
    });
    socket.on('error', () => settle(false));
    socket.on('close', () => settle(false));
  });
}
