import { describe, expect, it } from 'vitest';
import { decodeCommand, decodeData, encodeCommand, encodeKeys } from './eieio.ts';
import { injection } from './injection.ts';
import { readInfo, readTag, readTagCounts, readVersion, readWord } from './replies.ts';
import {
  allocate,
  clearTag,
  getTag,
  info,
  read,
  setReverseTag,
  setTag,
  tagTimeout,
  version,
  write,
} from './requests.ts';
import { decodeReply, encodeRequest, isRetryable, nameOfCode, type ScpRequest } from './scp.ts';
import { decodeSdp, encodeSdp } from './sdp.ts';
import { bytesOf, headerOf, hexOf, vectorsOf } from './vectors.test-data.ts';

const whole = (length: number, step: number) => Uint8Array.from({ length }, (_, k) => k * step);

/** The requests that this driver makes, by the names of their vectors. */
const requests: Readonly<Record<string, ScpRequest>> = {
  ver_0_0_0: version(),
  ver_1_2_3: version({ x: 1, y: 2, cpu: 3 }),
  read_word: read(0xf5007f00, 256),
  read_byte_len: read(0x60000000, 5),
  read_half: read(0x60000002, 6),
  read_odd_addr: read(0x60000001, 4),
  write_word: write(0x60240000, whole(16, 1), { x: 1 }),
  write_bytes: write(0x60240003, Uint8Array.of(0xde, 0xad, 0xbe), { y: 1, cpu: 4 }),
  write_256: write(0x70000000, whole(256, 7)),
  iptag_set: setTag(1, { address: [192, 168, 240, 1], port: 17_895 }),
  iptag_set_sender: setTag(2),
  iptag_set_keep_sdp: setTag(3, { address: [10, 0, 0, 2], port: 50_000, strip: false }),
  reverse_iptag_set: setReverseTag(4, 12_345, { x: 1, y: 2, cpu: 5, port: 1 }),
  iptag_get: getTag(1),
  iptag_clear: clearTag(1),
  iptag_info: tagTimeout(),
  iptag_tto: tagTimeout(9),
  info: info({ x: 3, y: 4 }),
  info_with_size: info({ x: 255, y: 255 }, true),
  sdram_alloc: allocate(1024, 30, 4),
};

describe('requests', () => {
  it.each(vectorsOf('scp-request').map((vector) => [vector.name, vector] as const))('%s', (name, { hex, meaning }) => {
    const { command, sequence, arg1, arg2, arg3, data_hex } = meaning.scp;
    const { to } = headerOf(meaning.sdp);
    const asSaid = { name, command, arguments: [arg1, arg2, arg3] as const, data: bytesOf(data_hex), to };
    expect(hexOf(encodeRequest(asSaid, sequence))).toBe(hex);
    const made = requests[name];
    if (made !== undefined) expect(hexOf(encodeRequest(made, sequence))).toBe(hex);
  });

  it('of this driver are all there', () => {
    const known = vectorsOf('scp-request').map(({ name }) => name);
    expect(known).toEqual(expect.arrayContaining(Object.keys(requests)));
  });
});

describe('replies', () => {
  const vectors = vectorsOf('scp-reply');
  const payloadOf = (name: string) => decodeReply(bytesOf(vectors.find((each) => each.name === name)!.hex))!.data;

  it.each(vectors.map((vector) => [vector.name, vector] as const))('%s', (_, { hex, meaning }) => {
    const { code, sequence, data } = decodeReply(bytesOf(hex))!;
    expect({ code, sequence, data: hexOf(data) }).toEqual({
      code: meaning.rc,
      sequence: meaning.sequence,
      data: meaning.payload_hex,
    });
    const refusal = / RC_(\w+) /.exec(meaning.error ?? '')?.[1];
    if (refusal !== undefined) expect(nameOfCode(code)).toMatch(new RegExp(`^${refusal}\\b`));
    expect(isRetryable(code)).toBe(refusal === 'TIMEOUT' || refusal === 'P2P_BUSY');
    expect(hexOf(encodeSdp(headerOf(meaning.sdp), bytesOf(hex).subarray(10)))).toBe(hex);
  });

  it('say what the tool chain reads in them', () => {
    const place = { name: 'SC&MP', hardware: 'SpiNNaker' };
    expect(readVersion(payloadOf('ver_reply_old_style'))).toEqual({
      ...place,
      version: [1, 33, 0],
      x: 0,
      y: 0,
      cpu: 0,
    });
    expect(readVersion(payloadOf('ver_reply_new_style'))).toEqual({ ...place, version: [4, 0, 0], x: 1, y: 2, cpu: 3 });
    expect(readTag(payloadOf('iptag_get_reply'))).toEqual({
      ...{ address: '192.168.240.1', port: 17_895, isUsed: true, isReverse: false, count: 1234, receives: 0 },
    });
    expect(readTagCounts(payloadOf('iptag_info_reply'))).toEqual({ timeout: 9, pool: 8, fixed: 8 });
    expect(readWord(payloadOf('iptag_set_reply_ok'))).toBe(1);
    expect(readWord(payloadOf('count_reply'))).toBe(12);
  });

  it.each(['info_reply_ethernet_chip', 'info_reply_plain_chip'])('%s', (name) => {
    const { decoded } = vectors.find((each) => each.name === name)!.meaning;
    const found = readInfo(payloadOf(name));
    expect({
      n_cores: found.cores,
      working_links: found.workingLinks,
      free_router_entries: found.freeRouterEntries,
      ethernet: found.hasEthernet,
      free_sdram: found.freeSdram,
      free_sram: found.freeSram,
      core_states: found.coreStates,
      nearest_ethernet: found.nearestEthernet,
      ip: found.address ?? null,
      parent_link: found.parentLink,
    }).toEqual({ ...(decoded as object), x: undefined, y: undefined });
  });

  it('of another form are refused in one line', () => {
    for (const read of [readVersion, readTag, readTagCounts, readInfo, readWord])
      expect(() => read(new Uint8Array(3))).toThrow(/^[a-z A-Z]+: has .*; expected .+$/);
  });
});

it.each(vectorsOf('sdp-header').map((vector) => [vector.name, vector] as const))('%s', (_, { hex, meaning }) => {
  const datagram = encodeSdp(headerOf(meaning), new Uint8Array(0));
  expect(hexOf(datagram)).toBe(`0000${hex}`);
  expect(decodeSdp(datagram)!.header).toEqual(headerOf(meaning));
});

describe('spikes', () => {
  it.each(vectorsOf('eieio-data').map((vector) => [vector.name, vector] as const))('%s', (_, { hex, meaning }) => {
    const { keys, payloads, isTime } = decodeData(bytesOf(hex))!;
    expect(keys.map((key, k) => [key, payloads?.[k] ?? null])).toEqual(meaning.events);
    expect(isTime).toBe(meaning.payload_is_timestamp);
    const bits = meaning.type === 'key16' ? 16 : 32;
    const isPlain = hex[2] === '0' && (meaning.type === 'key16' || meaning.type === 'key32');
    if (isPlain) expect(hexOf(encodeKeys(keys, bits))).toBe(hex);
  });

  it.each(vectorsOf('eieio-injection').map((vector) => [vector.name, vector] as const))('%s', (_, { hex, meaning }) => {
    const { dest_x: x, dest_y: y, dest_cpu: cpu } = meaning.sdp;
    const keys = meaning.events.map(([key]) => key);
    const injector = { core: { x, y, cpu }, keys, bits: meaning.type === 'key16' ? 16 : 32 } as const;
    expect(injection(injector, [...keys.keys()]).map(hexOf)).toEqual([hex]);
  });

  it('of many neurons go in packets of 127 or 63', () => {
    const keys = Array.from({ length: 300 }, (_, k) => k);
    const lengths = (bits: 16 | 32) =>
      injection({ core: { x: 0, y: 0, cpu: 3 }, keys, bits }, keys).map(({ length }) => length);
    expect(lengths(16)).toEqual([127, 127, 46].map((count) => 12 + 2 * count));
    expect(lengths(32)).toEqual([63, 63, 63, 63, 48].map((count) => 12 + 4 * count));
  });
});

it.each(vectorsOf('eieio-command').map((vector) => [vector.name, vector] as const))('%s', (_, { hex, meaning }) => {
  const { command, data } = decodeCommand(bytesOf(hex))!;
  expect(command).toBe(meaning.command);
  expect(decodeData(bytesOf(hex))).toBeUndefined();
  expect(hexOf(encodeCommand(command, data))).toBe(hex);
  if (meaning.path) expect(new TextDecoder().decode(data)).toBe(meaning.path);
});

it.each(vectorsOf('malformed').map((vector) => [vector.name, vector] as const))('%s is nothing', (_, { hex }) => {
  expect(decodeData(bytesOf(hex))).toBeUndefined();
  const reply = decodeReply(bytesOf(hex));
  expect(reply).toBeUndefined();
});
