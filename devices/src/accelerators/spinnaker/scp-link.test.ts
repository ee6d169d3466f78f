import { createSocket, Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { ScpLink } from './scp-link.ts';
import { decodeSdp, encodeSdp, NO_REPLY } from './sdp.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** A monitor at x, y that answers every request with its version. */
async function monitorAt(x: number, y: number): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  onTestFinished(() => void socket.close());
  socket.on('message', (bytes, from) => {
    const { header, payload } = decodeSdp(bytes)!;
    const answer = Buffer.alloc(32);
    answer.writeUInt16LE(0x80, 0);
    answer.writeUInt16LE(payload[2]! | (payload[3]! << 8), 2);
    [answer[6], answer[7]] = [y, x];
    answer.writeUInt16LE(133, 10);
    answer.write('SC&MP/SpiNNaker', 16, 'latin1');
    const reply = encodeSdp({ ...header, flags: NO_REPLY, to: header.from, from: header.to }, answer);
    socket.send(reply, from.port, from.address);
  });
  return socket.address().port;
}

it('finds a monitor at its place, and closes twice', async () => {
  const link = await ScpLink.open('127.0.0.1', await monitorAt(0, 0));
  expect(await link.expectMonitor()).toMatchObject({ name: 'SC&MP', x: 0, y: 0 });
  await link.close();
  await link.close();
});

it('refuses a board that is not booted', async () => {
  await expect(ScpLink.open('127.0.0.1', await monitorAt(255, 255))).rejects.toThrow(
    /^spinnaker 127\.0\.0\.1:\d+: is not booted; expected a board that its tool chain has booted$/,
  );
});

it('rejects where it gets no socket', async () => {
  vi.spyOn(Socket.prototype, 'bind').mockImplementation(function (this: Socket) {
    queueMicrotask(() => this.emit('error', new Error('no sockets')));
    return this;
  });
  await expect(ScpLink.open('127.0.0.1', 9)).rejects.toThrow('has no line (no sockets)');
});

it('sends again what could not be sent', async () => {
  const link = await ScpLink.open('127.0.0.1', await monitorAt(0, 0), { timeout: 50, tries: 50 });
  onTestFinished(() => link.close());
  vi.spyOn(Socket.prototype, 'send').mockImplementationOnce(function (this: Socket) {
    queueMicrotask(() => this.emit('error', new Error('ENETUNREACH')));
  });
  expect(await link.expectMonitor()).toMatchObject({ name: 'SC&MP' });
  expect(link.counts.repeated).toBeGreaterThan(0);
  expect(link.isGone).toBe(false);
});
