import { expect, it } from 'vitest';
import { readAddress } from './board-address.ts';

it.each([
  ['a:99999?network=x', 'has port=99999; expected a number from 1 to 65535'],
  ['a:0?network=x', 'has port=0; expected a number from 1 to 65535'],
  ['a?network=x&late=1.5', 'has late=1.5; expected a whole number from 1 to 10000'],
  ['a?listen=19999.5', 'has listen=19999.5; expected a whole number from 1 to 65535'],
  ['a?network=x&timeout=0.5', 'has timeout=0.5; expected a number from 1 to 60000'],
])('%s is not an address', (address, message) => {
  expect(() => readAddress(address)).toThrow(message);
});

it('names a file with a plus, and where the tool chain is heard', () => {
  expect(readAddress('a?network=one+two%20three&listen=10.0.0.1:5')).toMatchObject({
    network: 'one+two three',
    port: 17_893,
    listen: { host: '10.0.0.1', port: 5 },
  });
  expect(readAddress('a?listen')).toMatchObject({ listen: { host: undefined, port: 19_999 } });
});
