import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Audit } from '../desk/audit.ts';
import { type ConsoleLog, openConsole } from './console.ts';

class Sink extends Writable {
  isTTY: boolean;
  text = '';

  constructor(isTTY: boolean) {
    super();
    this.isTTY = isTTY;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

function open(json: boolean, isTTY: boolean, log: ConsoleLog = {}) {
  const clock = { milliseconds: 0 };
  const stdout = new Sink(isTTY);
  const stderr = new Sink(isTTY);
  const signal = new AbortController().signal;
  return {
    console: openConsole(
      json,
      { stdout, stderr, signal, endedBySignals: (work) => work(), onHangUp: () => {}, now: () => clock.milliseconds },
      log,
    ),
    stdout,
    stderr,
    clock,
  };
}

describe('the console', () => {
  it.each([true, false])('with --json has the document on stdout and nothing else (terminal: %s)', (isTTY) => {
    const { console, stdout, stderr, clock } = open(true, isTTY);
    console.say('reading');
    clock.milliseconds = 60_000;
    console.progress('1 of 2');
    console.result({ accuracy: 0.5, text: 'a\nb' }, () => 'half');
    expect(stdout.text).toBe('{"accuracy":0.5,"text":"a\\nb"}\n');
    expect(stderr.text).toContain('reading\n');
    expect(stderr.text).toContain('1 of 2');
  });

  it('without --json talks to people on stdout', () => {
    const { console, stdout } = open(false, false);
    console.say('reading');
    console.result({ accuracy: 0.5 }, () => 'half');
    expect(stdout.text).toBe('reading\nhalf\n');
  });

  it.each([
    [{}, 'spikewire: done\nspikewire: oh\n', 'reading\n'],
    [{ quiet: true }, 'spikewire: oh\n', ''],
    [
      { asJson: true },
      `${['info said reading', 'info warm-up done', 'warning link oh']
        .map((line) => line.split(' '))
        .map(([level, kind, message]) => JSON.stringify({ time: '1970-01-01T00:00:00.007Z', level, kind, message }))
        .join('\n')}\n`,
      '',
    ],
  ])('says what goes on as %j', (log, onStderr, onStdout) => {
    const { console, stdout, stderr } = open(false, false, { ...log, date: () => 7 });
    console.say('reading');
    console.tell('spikewire: done', 'warm-up');
    console.warn('spikewire: oh', 'link');
    expect([stderr.text, stdout.text]).toEqual([onStderr, onStdout]);
  });

  it('leaves lines out that are too many of a kind, and says how many', () => {
    const { console, stderr } = open(false, false);
    for (let k = 0; k < 150; k++) console.tell(`line ${k}`, 'unusual');
    console.result({}, () => '');
    const lines = stderr.text.trim().split('\n');
    expect(lines).toHaveLength(101);
    expect(lines.at(-1)).toBe('50 more lines left out (unusual)');
  });

  it('keeps progress out of stdout, and of a log file but for a line every few seconds', () => {
    const { console, stdout, stderr, clock } = open(false, false);
    for (let k = 0; k <= 120; k++) {
      clock.milliseconds = 100 * k;
      console.progress(`${k} of 120`);
    }
    console.result({}, () => 'done');
    expect(stderr.text).toBe('20 of 120\n40 of 120\n60 of 120\n80 of 120\n100 of 120\n120 of 120\n');
    expect(stdout.text).toBe('done\n');
  });

  it('replaces a progress line on a terminal, and clears it before anything else is said', () => {
    const { console, stderr, clock } = open(false, true);
    console.progress('1 of 3');
    clock.milliseconds = 10;
    console.progress('2 of 3');
    clock.milliseconds = 150;
    console.progress('3 of 3');
    console.say('done');
    console.say('really');
    expect(stderr.text).toBe('\r\u001b[2K1 of 3\r\u001b[2K3 of 3\r\u001b[2K');
  });

  it.each([true, false])(
    'lets nothing through that steers a terminal, and leaves documents what they are (--json: %s)',
    (json) => {
      const { console, stdout, stderr } = open(json, false);
      const hostile = 'a\u001b]0;x\u0007\u009b31m\u202eb';
      console.say(hostile);
      console.warn(hostile);
      console.document({ [hostile]: 1 });
      const before = stdout.text.length;
      console.result({ name: hostile }, () => `two\n${hostile}`);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
      expect(stdout.text + stderr.text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
      expect(stderr.text).toContain('a\\u001b]0;x\\u0007\\u009b31m\\u202eb\n');
      const result = stdout.text.slice(before);
      if (json) expect(JSON.parse(result)).toEqual({ name: hostile });
      else expect(result).toMatch(/^two\na\\u001b/);
      expect(JSON.parse(stdout.text.split('\n')[json ? 0 : 1]!)).toEqual({ [hostile]: 1 });
    },
  );

  it('prints no more lines of an answer than there are, whatever names are in them', () => {
    const { console, stdout } = open(false, false);
    const long = 'x'.repeat(2000);
    console.result({}, () => ['a\nb\r\n', '\u2028c', long, '']);
    expect(stdout.text).toBe(`a b \n\\u2028c\n${long}\n\n`);
  });

  it('has warnings of any number take little room, and says how many it left out', () => {
    const { console, stderr, clock } = open(false, false);
    for (let k = 0; k < 100_000; k++) {
      clock.milliseconds = k;
      console.warn(`${k}: ${'x'.repeat(10_000)}`);
    }
    console.result({}, () => 'done');
    const lines = stderr.text.trimEnd().split('\n');
    // A burst of 100, one in 5 s, and the count of what came after the last.
    expect(lines.length).toBeLessThanOrEqual(100 + 20 + 1);
    const leftOut = lines.map((line) => Number(/(\d+) more/.exec(line)?.[1] ?? 0)).reduce((sum, count) => sum + count);
    expect(lines.filter((line) => line.includes('x')).length + leftOut).toBe(100_000);
    expect(stderr.text.length).toBeLessThan(lines.length * 700);
  });

  it('says a failure among warnings without end of other kinds, and accounts for each that another audit let through', () => {
    const { console, stderr, clock } = open(false, false);
    const ignored = new Audit(console.warn, () => clock.milliseconds);
    for (let second = 0; second < 3600; second++) {
      clock.milliseconds = 1000 * second;
      ignored.say('bad', 'bad');
      ignored.say('unlisted', 'unlisted');
      if (second === 3000) console.warn('store: full');
    }
    ignored.close();
    console.result({}, () => 'done');
    const lines = stderr.text.trimEnd().split('\n');
    expect(lines).toContain('store: full');
    const leftOut = lines.map((line) => Number(/(\d+) more/.exec(line)?.[1] ?? 0)).reduce((sum, count) => sum + count);
    expect(lines.filter((line) => /^[a-z]/.test(line)).length + leftOut).toBe(2 * 3600 + 1);
  });
});
