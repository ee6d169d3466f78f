// Wrong values from the simulated Arduino Uno when one byte in a thousand changes on the line.
import { EncoderFrames, FirmataParser, HeldSamples, unpackMessage } from '@spikewire/devices/firmata';
import { RandomGenerator } from '@spikewire/models';
import { WrongBytes } from '@spikewire/test/board/wrong-bytes.mjs';
import { withUno } from './board.mjs';

export const options = { minutes: { default: '10', quick: '1', help: 'minutes of simulated time' } };

export function page({ minutes }) {
  return withUno(async (withBoard) => {
    const lines = [...(await checked(withBoard, Number(minutes))), ...(await unchecked(withBoard, Number(minutes)))];
    return lines.join('\n');
  });
}

/** The frames of the encoder, with a checksum. */
async function checked(withBoard, minutes) {
  const bytes = await longRecording(withBoard, minutes, { code: 'values', threshold: 1, gather: 5 });
  const known = new Set(eventsIn(bytes).events);
  const line = new WrongBytes({ changed: 1e-3 }, 1);
  const wrong = line.take(bytes);
  const { events, frames, lost } = eventsIn(wrong);
  const believed = events.filter((event) => !known.has(event)).length;
  const { whole, unknown } = samplesIn(wrong);
  return [
    `encoder: ${bytes.length} bytes, ${line.changed} changed; ${frames} frames came, ${lost} lost and counted;`,
    `${known.size} values sent, ${events.length} came, ${believed} of them wrong;`,
    `samples for a net: ${whole} whole, ${unknown} with a channel that is not known`,
  ];
}

/** Reports of Firmata itself, in three bytes each. */
async function unchecked(withBoard, minutes) {
  const plain = await longRecording(withBoard, minutes);
  const plainLine = new WrongBytes({ changed: 1e-3 }, 1);
  const [sent, came] = [reportsIn(plain), reportsIn(plainLine.take(plain))];
  const counts = new Map();
  for (const report of sent) counts.set(report, (counts.get(report) ?? 0) + 1);
  let strangers = 0;
  for (const report of came) {
    const left = counts.get(report) ?? 0;
    if (left === 0) strangers++;
    else counts.set(report, left - 1);
  }
  return [
    `Firmata's own reports: ${plain.length} bytes, ${plainLine.changed} changed; ${sent.length} values sent,`,
    `${came.length} came, at least ${strangers} of them wrong and none of them noticed`,
  ];
}

/** Six inputs that never rest: all bytes that the board sends. */
function longRecording(withBoard, minutes, settings) {
  return withBoard(async (uno, board) => {
    const random = new RandomGenerator(1, 'inputs');
    const channels = [0, 1, 2, 3, 4, 5];
    const pieces = [];
    if (settings !== undefined) await uno.during(board.encode({ ...settings, channels, period: 20_000 }));
    else uno.send(Uint8Array.of(0xf0, 0x7a, 20, 0, 0xf7, ...channels.flatMap((channel) => [0xc0 | channel, 1])));
    for (let k = 0; k < 3000 * minutes; k++) {
      for (const channel of channels) uno.analog(channel, 5 * random.nextUniform());
      pieces.push(await uno.run(20_000));
    }
    return Buffer.concat(pieces);
  });
}

/** Values of a report of Firmata itself, by their place in the stream of those that came. */
function reportsIn(bytes) {
  const messages = new FirmataParser().take(bytes);
  return messages.flatMap(({ first, data }) =>
    (first & 0xf0) === 0xe0 ? [`${first & 15} ${data[0] | (data[1] << 7)}`] : [],
  );
}

function eventsIn(bytes) {
  const frames = new EncoderFrames('values');
  const events = new FirmataParser().take(bytes).flatMap(({ first, data }) => {
    const message = first === 0xf0 ? unpackMessage(data) : undefined;
    return (
      (message && frames.take(message)?.events.map(({ tick, channel, value }) => `${tick} ${channel} ${value}`)) ?? []
    );
  });
  return { events, frames: frames.frames, lost: frames.lost };
}

/** Samples that a net gets: whole ones, and those with a channel that is not known. */
function samplesIn(bytes) {
  const [frames, held] = [new EncoderFrames('values'), new HeldSamples([0, 1, 2, 3, 4, 5])];
  let [whole, unknown] = [0, 0];
  for (const { first, data } of new FirmataParser().take(bytes)) {
    const message = first === 0xf0 ? unpackMessage(data) : undefined;
    const frame = message && frames.take(message);
    const { values } = frame ? held.take(frame, 1e6) : { values: [] };
    for (let k = 0; k < values.length; k += 6) {
      if (values.subarray(k, k + 6).some(Number.isNaN)) unknown++;
      else whole++;
    }
  }
  return { whole, unknown };
}
