import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { RandomGenerator } from '@spikewire/models';
import { wavOf } from '../recordings/wav.test-data.ts';

/** Small folders in the formats of the tasks, with made-up data that can be learned. */
export function emptyFolder(): string {
  return mkdtempSync(join(tmpdir(), 'spikewire-task-'));
}

/** Three gases in batches sorted by class; each batch has moved a little. */
export function gasDriftFolder(batches = 3, perClass = 40): string {
  const folder = emptyFolder();
  const random = new RandomGenerator(1, 'gas');
  for (let batch = 1; batch <= batches; batch++) {
    const lines = [0, 1, 2].flatMap((gas) =>
      Array.from({ length: perClass }, () => {
        const values = Array.from(
          { length: 128 },
          (_, k) => 10 * (k % 3 === gas ? 3 : 1) + batch + random.nextNormal(),
        );
        const cells = values.map((value, k) => `${k + 1}:${value.toFixed(4)}`);
        return `${batch % 2 === 0 ? `${gas + 1};10.5` : gas + 1} ${cells.join(' ')}`;
      }),
    );
    const text = `${lines.join('\n')}\n`;
    if (batch === 1) writeFileSync(join(folder, 'batch1.dat'), text);
    else writeFileSync(join(folder, `batch${batch}.dat.gz`), gzipSync(text));
  }
  return folder;
}

/** People who lie (gravity along x), stand (along y) and walk (along y, swinging at 2 Hz), 20 s each. */
export function haptFolder(users = 3): string {
  const folder = emptyFolder();
  const random = new RandomGenerator(2, 'hapt');
  const rows: string[] = [];
  for (let user = 1; user <= users; user++) {
    const samples: number[] = [];
    for (const [part, activity] of [6, 5, 1].entries()) {
      rows.push(`${user} ${user} ${activity} ${part * 1000 + 1} ${(part + 1) * 1000}`);
      for (let k = 0; k < 1000; k++) {
        const swing = activity === 1 ? 300 * Math.sin((2 * Math.PI * 2 * k) / 50) : 0;
        const gravity = activity === 6 ? [720, 0, 0] : [0, 720, 0];
        for (const g of gravity) samples.push(Math.round(g + swing + 5 * random.nextNormal()));
        for (let c = 0; c < 3; c++) samples.push(Math.round(swing + 20 * random.nextNormal()));
      }
    }
    writeFileSync(join(folder, `exp0${user}_user0${user}.i16.gz`), gzipSync(shorts(samples)));
  }
  writeFileSync(join(folder, 'labels.txt'), `${rows.join('\n')}\n`);
  return folder;
}

/** Digits as tones, after and before silence; speakers differ in pitch. */
export function fsddFolder(speakers = ['ann', 'bob']): string {
  const folder = emptyFolder();
  for (const [s, speaker] of speakers.entries()) {
    for (let digit = 0; digit < 10; digit++) {
      for (let index = 0; index < 4; index++) {
        const tone = (300 + 250 * digit) * (1 + 0.03 * s);
        const samples = Array.from({ length: 2400 + 40 * index }, (_, k) =>
          k < 400 || k > 2000 ? 0 : Math.round(8000 * Math.sin((2 * Math.PI * tone * k) / 8000)),
        );
        writeFileSync(join(folder, `${digit}_${speaker}_${index}.wav`), wavOf(shorts(samples)));
      }
    }
  }
  return folder;
}

/** Narrow beats and wide early ones, every fifth; one patient has twice the amplitude. */
export function mitdbFolder(patients = 2, beats = 120): string {
  const folder = emptyFolder();
  for (let patient = 0; patient < patients; patient++) {
    const voltage = new Float64Array(300 * (beats + 2)).fill(1024);
    const annotations: number[] = [];
    let before = 0;
    for (let beat = 0; beat < beats; beat++) {
      const early = beat % 5 === 4;
      const at = 300 * (beat + 1) - (early ? 80 : 0);
      const [height, width] = early ? [-200, 25] : [250, 6];
      for (let k = -60; k <= 60; k++) voltage[at + k]! += (1 + patient) * height * Math.exp(-((k / width) ** 2));
      const code = (early ? 5 : 1) << 10;
      // In between a change of rhythm with a text of three bytes, and an interval in words of its own.
      if (beat === 60) annotations.push(28 << 10, (63 << 10) | 3, 0x4128, 0x004e, 59 << 10, 0, at - before, code);
      else annotations.push(code | (at - before));
      before = at;
    }
    annotations.push(0, 0);
    const differences = Array.from(voltage, (v, k) => Math.round(v) - (k === 0 ? 0 : Math.round(voltage[k - 1]!)));
    writeFileSync(join(folder, `10${patient}.d16.gz`), gzipSync(shorts(differences)));
    writeFileSync(join(folder, `10${patient}.atr`), shorts(annotations));
  }
  return folder;
}

/** Three places of a fault as tones, sizes as their strength, under two loads. */
export function cwruFolder(): string {
  const folder = emptyFolder();
  const random = new RandomGenerator(3, 'bearing');
  const index = ['B', 'IR', 'OR'].flatMap((fault, at) =>
    ['007', '014', '021'].flatMap((sizeMil, size) =>
      [0, 1].map((loadHp) => {
        const file = `${fault}${sizeMil}_${loadHp}.f32.gz`;
        const samples = Array.from(
          { length: 8 * 2048 },
          (_, k) => (1 + size) * Math.sin((2 * Math.PI * (1000 + 1500 * at) * k) / 12_000) + 0.3 * random.nextNormal(),
        );
        writeFileSync(join(folder, file), gzipSync(new Uint8Array(Float32Array.from(samples).buffer)));
        return { file, fault, sizeMil, loadHp, samples: samples.length };
      }),
    ),
  );
  const absent = { file: 'absent.f32.gz', fault: 'B', sizeMil: '028', loadHp: 0, samples: 5 };
  const healthy = { file: 'normal.f32.gz', fault: 'normal', sizeMil: null, loadHp: 0, samples: 5 };
  writeFileSync(join(folder, 'index.json'), JSON.stringify([...index, absent, healthy]));
  return folder;
}

/** A stream of two classes by the sum of two numbers, 2,400 of them, as the files of elec2 and sea hold theirs. */
export function longFolder(): string {
  const folder = emptyFolder();
  const random = new RandomGenerator(4, 'long');
  const rows = Array.from({ length: 2400 }, () =>
    Array.from({ length: 8 }, () => Number(random.nextUniform().toFixed(5))),
  );
  const labels = rows.map((row) => Number(row[4]! + row[5]! > 1));
  writeFileSync(join(folder, 'elec2_data.dat.gz'), gzipSync(rows.map((row) => row.join(' ')).join('\n')));
  writeFileSync(join(folder, 'elec2_label.dat.gz'), gzipSync(labels.join('\n')));
  writeFileSync(join(folder, 'SEA_training_data.csv'), rows.map((row) => row.slice(4, 7).join(',')).join('\n'));
  writeFileSync(join(folder, 'SEA_training_class.csv'), labels.join('\n'));
  return folder;
}

function shorts(numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(2 * numbers.length);
  for (const [k, number] of numbers.entries()) bytes.writeUInt16LE(number & 0xffff, 2 * k);
  return bytes;
}

/** A recording of a machine that idles (a tone of 300 Hz in noise) or runs (100 Hz, as loud), 20 blocks in turn. */
export function recordingFile(blocks = 200): string {
  const path = join(emptyFolder(), 'mill.jsonl');
  const random = new RandomGenerator(6, 'recording');
  const head = { format: 'spikewire-recorded', version: 1, channels: ['vibration'], numbers: 128 };
  const lines = Array.from({ length: blocks }, (_, k) => {
    const isRunning = Math.floor(k / 20) % 2 === 1;
    const tone = (n: number) => Math.sin((2 * Math.PI * (isRunning ? 100 : 300) * n) / 1024);
    const values = Array.from({ length: 128 }, (__, n) => tone(n) + 0.5 * random.nextNormal());
    return { t: 1_700_000_000_000 + 125 * k, label: isRunning ? 'running' : 'idle', values };
  });
  writeFileSync(path, [head, ...lines].map((line) => `${JSON.stringify(line)}\n`).join(''));
  return path;
}
