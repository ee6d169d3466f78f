import { SpikewireError } from '@spikewire/models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wavOf } from '../wav.test-data.ts';
import { stretchOf } from './wav.ts';

const bytesOf = (array: ArrayBufferView) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
const samplesOf = (bytes: Buffer, channels?: string[]) =>
  stretchOf('a.wav', bytes, channels && { channels }).samples.map((own) => [...own]);

describe('a WAV file', () => {
  it.each([
    ['8 bits, unsigned', 1, 8, Uint8Array.of(128, 0, 192), [0, -1, 0.5]],
    ['16 bits', 1, 16, bytesOf(Int16Array.of(0, -32_768, 16_384)), [0, -1, 0.5]],
    ['24 bits', 1, 24, Uint8Array.of(0, 0, 0, 0, 0, 0x80, 0, 0, 0x40), [0, -1, 0.5]],
    ['32 bits', 1, 32, bytesOf(Int32Array.of(0, -(2 ** 31), 2 ** 30)), [0, -1, 0.5]],
    ['floats', 3, 32, bytesOf(Float32Array.of(0, -1, 0.5)), [0, -1, 0.5]],
    ['doubles', 3, 64, bytesOf(Float64Array.of(0, -1, 0.5)), [0, -1, 0.5]],
    ['the extensible form', 0xfffe, 16, bytesOf(Int16Array.of(0, -32_768, 16_384)), [0, -1, 0.5]],
  ] as const)('of %s', (_, format, bits, data, expected) => {
    const bytes = wavOf(data, { format, bits, rate: 11_025 });
    expect(stretchOf('a.wav', bytes)).toEqual({
      channels: ['ch1'],
      rate: 11_025,
      samples: [Float32Array.from(expected)],
    });
  });

  it('has its channels apart, or those that are asked for', () => {
    const bytes = wavOf(Uint8Array.of(128, 192, 64, 128), { bits: 8, channels: 2 });
    expect(samplesOf(bytes)).toEqual([
      [0, -0.5],
      [0.5, 0],
    ]);
    expect(samplesOf(bytes, ['ch2'])).toEqual([[0.5, 0]]);
    expect(() => samplesOf(bytes, ['ch3'])).toThrow('a.wav: has no channel "ch3"; expected ch1, ch2');
  });

  it('passes over chunks that it does not know, with their byte of padding', () => {
    const bytes = wavOf(Uint8Array.of(192), { bits: 8 });
    const other = Buffer.from('LIST\x03\0\0\0abc\0', 'latin1');
    expect(samplesOf(Buffer.concat([bytes.subarray(0, 12), other, bytes.subarray(12)]))).toEqual([[0.5]]);
  });

  const whole = wavOf(new Uint8Array(8));
  const changed = (at: number, ...bytes: number[]) => {
    const copy = Buffer.from(whole);
    copy.set(bytes, at);
    return copy;
  };
  it.each([
    ['another file', Buffer.from('{"format": "spikewire-recorded"}'), /^a.wav: is not a WAV file; expected RIFF/],
    ['nothing', Buffer.alloc(0), /^a.wav: is not a WAV file/],
    ['half a file', whole.subarray(0, 48), /^a.wav: ends at byte 48, within its chunk "data"; expected 52 bytes/],
    ['four gigabytes that are not there', changed(40, 255, 255, 255, 255), /within its chunk "data"/],
    ['no samples', whole.subarray(0, 36), /^a.wav: has no samples; expected a chunk "data"/],
    ['samples before their format', Buffer.concat([whole.subarray(0, 12), whole.subarray(36)]), /before their format/],
    ['another coding', changed(20, 2), /has samples of format 2 in 16 bits; expected PCM/],
    ['no channels', changed(22, 0), /has 0 channels at 8000 Hz/],
    ['frames of another size', changed(32, 7), /has frames of 7 bytes; expected 2/],
  ])('that is %s is refused in one line', (_, bytes, line) => {
    expect(() => samplesOf(bytes)).toThrow(line);
  });

  it('with any bytes damaged gives samples or a file error', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 6 }), (changes) => {
        const bytes = Buffer.from(whole);
        for (const [at, value] of changes) bytes[at] = value;
        try {
          for (const own of samplesOf(bytes)) expect(own.length).toBeLessThanOrEqual(8);
        } catch (problem) {
          expect(problem).toBeInstanceOf(SpikewireError);
        }
      }),
    );
  });
});
