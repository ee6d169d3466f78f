import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Answers, RememberedAnswers } from './remembered-answers.ts';

const classes = fc.option(fc.constantFrom('a', 'b'), { nil: undefined });

it('finds the newest 16 answers of a net by any time, and 64 older ones that differed by their own', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(classes, classes), { maxLength: 200 }), (said) => {
      const remembered = new RememberedAnswers();
      const all = said.map(([answering, watched], time): Answers => ({ time, answering, watched, isJudged: false }));
      for (const answers of all) remembered.add('net', answers);
      const newest = all.slice(-16);
      const differing = all
        .slice(0, -16)
        .filter(({ answering: one, watched: other }) => one !== other && one !== undefined && other !== undefined);
      const known = new Set([...newest, ...differing.slice(-64)]);
      for (const answers of all) {
        expect(remembered.about('net', answers.time)).toBe(known.has(answers) ? answers : undefined);
        expect(remembered.about('net', answers.time + 0.5)).toBe(newest.includes(answers) ? answers : undefined);
        expect(remembered.about('other', answers.time)).toBeUndefined();
      }
      remembered.clear();
      for (const { time } of all) expect(remembered.about('net', time)).toBeUndefined();
    }),
  );
});

it('remembers 2,048 older ones of all nets together, and the newest of 1,024 nets', () => {
  const remembered = new RememberedAnswers();
  const differ = (time: number) => ({ time, answering: 'a', watched: 'b', isJudged: false });
  for (let net = 0; net < 2000; net++) for (let time = 0; time < 20; time++) remembered.add(`${net}`, differ(time));
  const nets = Array.from({ length: 2000 }, (_, net) => `${net}`);
  const older = nets.flatMap((net) => [0, 1, 2, 3].filter((time) => remembered.about(net, time) !== undefined));
  expect(older).toHaveLength(2048);
  const newest = nets.filter((net) => remembered.about(net, 20) !== undefined);
  expect(newest).toEqual(nets.slice(-1024));
});
