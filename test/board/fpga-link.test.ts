import { describe, expect, it, type TestContext } from 'vitest';
import type { BoardLine } from '../../devices/src/accelerators/fpga/board-line.ts';
import { FpgaLink } from '../../devices/src/accelerators/fpga/fpga-link.ts';
import {
  type Request,
  read,
  reset,
  setDigest,
  wordsOfBytes,
  write,
} from '../../devices/src/accelerators/fpga/requests.ts';
import { openSerialBoard } from '../../devices/src/accelerators/fpga/serial-line.ts';
import { openSpiBoard } from '../../devices/src/accelerators/fpga/spi-line.ts';
import { encodeStep, run } from '../../devices/src/accelerators/fpga/steps.ts';
import { EchoModel, ENDLESS } from './echo-board.ts';
import { FaultyLine } from './faulty-line.ts';
import { needsBoard, startBoard } from './simulated-fpga.ts';

/** `SPIKEWIRE_FRAMES=1000000 npx vitest run --project long test/board/fpga-link.test.ts -t faulty` */
const FRAMES = Number(process.env.SPIKEWIRE_FRAMES ?? 10_000);
const SEED = Number(process.env.SPIKEWIRE_SEED ?? 1);

const FAULTS = {
  changed: 0.01,
  lostByte: 0.005,
  doubledByte: 0.005,
  cut: 0.005,
  lost: 0.005,
  doubled: 0.01,
  late: 0.005,
  noise: 0.005,
};
/** A pty is faster than any board. */
const patience = { first: 30, longest: 500, tries: 20 };

/** Sends random requests, many at a time, and counts wrong answers. */
async function exchange(link: FpgaLink, model: EchoModel, requests: number): Promise<number> {
  let wrong = 0;
  const waiting = new Set<Promise<void>>();
  for (let k = 0; k < requests; k++) {
    const { request, isRight } = model.next();
    const answered = link.send(request).then((payload) => {
      if (!isRight(payload)) wrong++;
      waiting.delete(answered);
    });
    waiting.add(answered);
    if (waiting.size >= 16) await Promise.race(waiting);
  }
  await Promise.all(waiting);
  return wrong;
}

/** A session with a board of memory, through whatever stands between. */
async function openEcho(
  context: TestContext,
  {
    line = 'bytes',
    between = (inner) => inner,
  }: { line?: 'uart' | 'bytes'; between?: (inner: BoardLine) => BoardLine },
) {
  const { path, board } = await startBoard(context, { core: 'echo', line });
  const link = await FpgaLink.open(between(await openSerialBoard(path)), patience);
  context.onTestFinished(() => link.close());
  return { path, board, link };
}

describe('a board that is memory', () => {
  it.for<'uart' | 'bytes'>(['uart', 'bytes'])('does all requests over a pty (%s)', async (line, context) => {
    const { link } = await openEcho(context, { line });
    const model = new EchoModel(SEED);
    await model.begin(link);
    expect(await exchange(link, model, 1000)).toBe(0);
    expect(await model.differences(link)).toBe(0);
    expect(link.counts.broken).toBe(0);
  });

  it('does all requests over spi-pipe', async (context) => {
    const program = needsBoard(context, { core: 'echo', line: 'spi' });
    const link = await FpgaLink.open(await openSpiBoard('/dev/null', 4_000_000, program), patience);
    context.onTestFinished(() => link.close());
    const model = new EchoModel(SEED);
    await model.begin(link);
    expect(await exchange(link, model, 1000)).toBe(0);
    expect(await model.differences(link)).toBe(0);
    expect(link.counts.broken).toBe(0);
  });

  it('gives no wrong answer over a faulty line, and the stream goes on', { timeout: 3_600_000 }, async (context) => {
    const faulty: FaultyLine[] = [];
    const between = (inner: BoardLine) => {
      faulty.push(new FaultyLine(inner, FAULTS, SEED));
      return faulty[0]!;
    };
    const { link } = await openEcho(context, { between });
    const model = new EchoModel(SEED);
    await model.begin(link);
    expect(await exchange(link, model, FRAMES)).toBe(0);
    expect(await model.differences(link)).toBe(0);
    const happened = faulty[0]!.directions.map((direction) => direction.happened);
    console.log(`${FRAMES} requests`, link.counts, happened);
    for (const direction of happened) {
      for (const [fault, times] of Object.entries(direction)) {
        expect(times, fault).toBeGreaterThan((FRAMES * FAULTS[fault as keyof typeof FAULTS]) / 2);
      }
    }
    // Each frame with a wrong byte was noticed, on the board or here.
    expect(link.counts.broken).toBeGreaterThan(FRAMES / 100);
    const { notices } = link.counts;
    expect(notices.broken).toBeGreaterThan(FRAMES / 400);
    // A request that was lost lets those behind it stand out of order.
    expect(notices.sequence).toBeGreaterThan(FRAMES / 400);
    expect(notices.session).toBe(0);
  });

  it('says why it cannot do what is asked, and does the next request', async (context) => {
    const { link } = await openEcho(context, {});
    const malformed = { type: 2, payload: Uint8Array.of(0, 0, 0, 1) };
    await expect(link.send(malformed)).rejects.toThrow(/: answers request type 2 with error 2 \(malformed\)/);
    await expect(link.send({ type: 0x55, payload: Uint8Array.of(1, 2) })).rejects.toThrow(/error 1 \(unknown\)/);
    await expect(link.send(read(0, 253))).rejects.toThrow(/error 3 \(long\)/);
    const place = { input: { address: 0x10000, words: 1 }, output: { address: 0, words: 0 }, outputIsBits: false };
    const beyond = run(place, [Uint8Array.of(1, 16)]);
    await expect(link.send(beyond)).rejects.toThrow(/error 2 \(malformed\)/);
    await link.send(write(7, Uint16Array.of(0x1234)));
    expect([...(await link.send(read(7, 1)))]).toEqual([0x34, 0x12]);
    expect(await link.send(read(0, 252))).toHaveLength(504);
  });

  it('resets a core that does not end a step', async (context) => {
    const { path, board } = await startBoard(context, { core: 'echo', line: 'bytes' });
    expect(board.pid).toBeGreaterThan(0);
    const link = await FpgaLink.open(await openSerialBoard(path), { ...patience, tries: 200 });
    context.onTestFinished(() => link.close());
    await link.send(write(ENDLESS, Uint16Array.of(1)));
    const place = { input: { address: 0x10000, words: 1 }, output: { address: 0x10400, words: 1 }, outputIsBits: true };
    const step = run(place, [encodeStep({ words: Uint16Array.of(5), isBits: true })]);
    await expect(link.send(step)).rejects.toThrow(/error 4 \(stuck\)/);
    expect([...(await link.send(step))]).toEqual([255, 5, 0]);
  });

  it('names its model until it is reset, and knows its first session', async (context) => {
    const { path } = await startBoard(context, { core: 'echo', line: 'bytes' });
    const sessions = async (request: Request) => {
      const link = await FpgaLink.open(await openSerialBoard(path), patience);
      await link.send(request);
      await link.close();
      const { isNew, digest } = link.greeting;
      return { isNew, digest };
    };
    const digest = '0123456789abcdef';
    expect(await sessions(setDigest(digest))).toEqual({ isNew: true, digest: undefined });
    expect(await sessions(reset())).toEqual({ isNew: false, digest });
    expect(await sessions(setDigest(digest))).toEqual({ isNew: false, digest: undefined });
    expect(await sessions(setDigest(undefined))).toEqual({ isNew: false, digest });
    expect(await sessions(reset())).toEqual({ isNew: false, digest: undefined });
  });

  it('serves the next program after one that ended in the middle of its requests', async (context) => {
    const { path } = await startBoard(context, { core: 'echo', line: 'uart' });
    for (let session = 0; session < 5; session++) {
      const link = await FpgaLink.open(await openSerialBoard(path), patience);
      await link.send(write(session, Uint16Array.of(1000 + session)));
      const words = wordsOfBytes(await link.send(read(0, 5)));
      expect([...words.subarray(0, session + 1)]).toEqual(Array.from({ length: session + 1 }, (_, k) => 1000 + k));
      const unread = Array.from({ length: 8 }, () => link.send(read(0, 200)));
      const ended = Promise.allSettled(unread);
      await link.close();
      expect((await ended).filter(({ status }) => status === 'rejected').length).toBeGreaterThan(0);
    }
  });

  it('belongs to one process', async (context) => {
    const { path } = await openEcho(context, {});
    const line = `${path}: is in use by node, process ${process.pid}; expected one process for each board`;
    await expect(openSerialBoard(path)).rejects.toMatchObject({ code: 'input', message: line });
  });
});

describe('a board that is lost', () => {
  it('ends what waits and what is asked later with one error', async (context) => {
    const { board, link } = await openEcho(context, {});
    const waiting = Array.from({ length: 20 }, () => link.send(read(0, 250)));
    board.kill('SIGKILL');
    const gone = /^\/dev\/pts\/\d+: is gone; expected a board that is attached$/;
    await expect(waiting.at(-1)).rejects.toThrow(gone);
    await expect(link.send(read(0, 1))).rejects.toThrow(gone);
    await Promise.allSettled(waiting);
  });

  it('is given up when it stays silent', async (context) => {
    const { path, board } = await startBoard(context, { core: 'echo', line: 'bytes' });
    const link = await FpgaLink.open(await openSerialBoard(path), { first: 5, longest: 20, tries: 4 });
    context.onTestFinished(() => link.close());
    board.kill('SIGSTOP');
    context.onTestFinished(() => void board.kill('SIGCONT'));
    const silent =
      /: does not answer: request \d+ was sent 4 times, 0 broken frames came; expected a board that is att/;
    await expect(link.send(read(0, 1))).rejects.toThrow(silent);
  });

  it('is noticed where it was reset in the middle of a session', async (context) => {
    const { board, link } = await openEcho(context, {});
    await link.send(write(0, Uint16Array.of(1)));
    board.kill('SIGUSR1');
    await expect(link.send(read(0, 1))).rejects.toThrow(
      /: was reset in the middle of a session; expected a board that/,
    );
  });
});
