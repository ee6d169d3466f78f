/**
 * The numbers of the link (devices/rtl/README.md, chapter "Link"). A test compares them with that text; the tests of
 * the link hold the simulated board to them, but for the notice `room`: no host sends so much.
 */
export const PROTOCOL_VERSION = 1;

/** Types of requests; an answer has the type of its request plus `ANSWER`. */
export const requests = {
  hello: 0x01,
  write: 0x02,
  read: 0x03,
  fill: 0x04,
  check: 0x05,
  digest: 0x06,
  run: 0x07,
  reset: 0x08,
} as const;

export const ANSWER = 0x80;
export const NOTICE = 0xfe;
export const ERROR = 0xff;

/** Why a request was dropped. */
export const notices = { broken: 1, sequence: 2, room: 3, session: 4 } as const;

/** Why a request failed. */
export const errors = { unknown: 1, malformed: 2, long: 3, stuck: 4 } as const;
