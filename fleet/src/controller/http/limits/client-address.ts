import type { IncomingMessage } from 'node:http';
import { isIPv4, isIPv6 } from 'node:net';

/**
 * The address that a request is counted under. Of IPv6 it is the network of 64 bits, since whoever has one address of
 * it has them all.
 * @param isBehindProxy whether a proxy has added the address of the client to `x-forwarded-for`, at its end
 */
export function clientAddress(request: IncomingMessage, isBehindProxy: boolean): string {
  const forwarded = isBehindProxy ? [request.headers['x-forwarded-for'] ?? []].flat().join(',').split(',').at(-1) : '';
  const said = forwarded?.trim() ?? '';
  const address = isIPv4(said) || isIPv6(said) ? said : (request.socket.remoteAddress ?? '');
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  return mapped ?? (isIPv6(address) ? networkOf(address) : address);
}

function networkOf(address: string): string {
  const [head = '', tail] = address.split('%', 1)[0]!.toLowerCase().split('::');
  const [left, right] = [head, tail ?? ''].map((part) => (part === '' ? [] : part.split(':')));
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left!.length - right!.length);
  const groups = [...left!, ...Array<string>(zeros).fill('0'), ...right!];
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}
