import { SpikewireError } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { parseBrokerAddress } from './broker-address.ts';

describe('parseBrokerAddress', () => {
  it.each([
    ['mqtt://localhost', 'localhost', 1883, 'mqtt://localhost:1883'],
    ['mqtts://broker.example:8884', 'broker.example', 8884, 'mqtts://broker.example:8884'],
    ['mqtt://[::1]:1884', '::1', 1884, 'mqtt://[::1]:1884'],
    ['wss://host/mqtt?a=1', 'host', 443, 'wss://host:443'],
    ['ws://10.0.0.1', '10.0.0.1', 80, 'ws://10.0.0.1:80'],
  ])('reads %s', (url, host, port, shown) => {
    expect(parseBrokerAddress(url)).toMatchObject({ host, port, shown, username: undefined, password: undefined });
  });

  it('keeps the path for WebSockets', () => {
    expect(parseBrokerAddress('wss://host/mqtt?a=1').path).toBe('/mqtt?a=1');
  });

  it('says that a host alone has no scheme', () => {
    expect(() => parseBrokerAddress('localhost:1883')).toThrow(
      'broker address: has no mqtt:// in front; expected mqtt://',
    );
  });

  it('decodes the credentials and does not show them', () => {
    const address = parseBrokerAddress('mqtt://mill%407:p%3A%2F%20w@host');
    expect(address).toMatchObject({ username: 'mill@7', password: 'p:/ w', shown: 'mqtt://host:1883' });
  });

  it.each([
    's3cret',
    '//u:s3cret@host',
    'http://u:s3cret@host',
    'mqtt://u:s3cret@',
    'mqtt://u:s3cret%@host',
    'mqtt://u:s3cret%00@host',
    'mqtt://u%1b:s3cret@host',
    'mqtt://u:s3cret@host:x',
  ])('refuses %j in one line that does not repeat it', (url) => {
    const error = (() => {
      try {
        return parseBrokerAddress(url);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(SpikewireError);
    const { message, stack, cause, code } = error as SpikewireError;
    expect(code).toBe('usage');
    expect(`${message}${cause}`).not.toContain('s3cret');
    expect(stack?.split('\n')[0]).not.toContain('s3cret');
    expect(message).toMatch(/^broker address: .+; expected mqtt:\/\/.+$/);
  });
});
