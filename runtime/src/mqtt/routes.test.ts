import { describe, expect, it } from 'vitest';
import { checkRoutes, keyOf, topicFor } from './routes.ts';

describe('routes', () => {
  it('carry the levels of "+" from the input topic to the output topic', () => {
    const key = keyOf('plant/+/line/+/vibration', 'plant/north/line/7/vibration');
    expect(key).toBe('north/7');
    expect(topicFor('state/+/+', key)).toBe('state/north/7');
    expect(keyOf('a/b', 'a/b')).toBe('');
    expect(keyOf('$share/group/plant/+/vibration', 'plant/north/vibration')).toBe('north');
    expect(topicFor('x/y', '')).toBe('x/y');
  });

  it.each([
    [{ in: 'a/#', out: 'b' }, '--in a/#: has "#", which is not allowed here; expected "+" in place of each level'],
    [{ in: 'a', out: 'b/#' }, '--out b/#: has "#", which is not allowed here; expected "+" where --in has it'],
    [{ in: 'a/+', out: 'b' }, '--out b: has 0 "+"; expected 1, like --in a/+'],
    [{ in: 'a', out: 'a' }, 'can be a topic of --in'],
    [{ in: 'a/+', out: '+/b' }, 'can be a topic of --in'],
    [{ in: 'a', out: 'a/label' }, 'can be a topic of --in'],
    [{ in: 'a/error', out: 'a' }, 'can be a topic of --in'],
    [{ in: '', out: 'b' }, '--in'],
    [{ in: '$share/group/a/+', out: '+/b' }, 'can be a topic of --in'],
    [{ in: '$share/group/a/+', out: 'b' }, '--out b: has 0 "+"; expected 1, like --in $share/group/a/+'],
    [{ in: 'a\u001b/+', out: 'b/+' }, 'is not a topic'],
    [{ in: 'a/+', out: 'b\u0085/+' }, 'is not a topic'],
    [{ in: 'a', out: '$share/group/b' }, '--out $share/group/b: is not a topic'],
  ])('refuse %j', (routes, problem) => {
    expect(() => checkRoutes(routes)).toThrow(problem);
  });
});
