import { describe, expect, it } from 'vitest';
import { isTopic, isTopicFilter, levelsMatch, levelsOf } from './topic-filter.ts';

describe('a topic matches a filter', () => {
  // The examples of MQTT 5, sections 4.7.1 to 4.7.2 and 4.8.2.
  it.each([
    ['sport/tennis/player1/#', 'sport/tennis/player1', true],
    ['sport/tennis/player1/#', 'sport/tennis/player1/ranking', true],
    ['sport/tennis/player1/#', 'sport/tennis/player1/score/wimbledon', true],
    ['sport/#', 'sport', true],
    ['#', 'sport/tennis', true],
    ['sport/tennis/+', 'sport/tennis/player1', true],
    ['sport/tennis/+', 'sport/tennis/player1/ranking', false],
    ['sport/+', 'sport', false],
    ['sport/+', 'sport/', true],
    ['+/+', '/finance', true],
    ['/+', '/finance', true],
    ['+', '/finance', false],
    ['#', '$SYS/uptime', false],
    ['+/monitor/Clients', '$SYS/monitor/Clients', false],
    ['$SYS/#', '$SYS/uptime', true],
    ['$SYS/monitor/+', '$SYS/monitor/Clients', true],
    ['ACCOUNTS', 'Accounts', false],
    ['a/b', 'a/b/c', false],
    ['a/b/c', 'a/b', false],
    ['$share/consumers/sport/+', 'sport/tennis', true],
    ['$share/consumers//finance', '/finance', true],
  ])('%s and %s: %s', (filter, topic, matches) => {
    expect(levelsMatch(levelsOf(filter), topic.split('/'))).toBe(matches);
  });
});

describe('isTopicFilter', () => {
  it.each(['#', '+', '/', 'a', 'a/+/b', 'a/#', '+/tennis/#', '$share/group/a/#', '$SYS/#'])('takes %s', (filter) => {
    expect(isTopicFilter(filter)).toBe(true);
  });

  it.each([
    '',
    'sport/tennis#',
    'sport/tennis/#/ranking',
    'sport+',
    'a\0b',
    '$share/group',
    '$share//a',
    '$share/g+/a',
  ])('refuses %j', (filter) => {
    expect(isTopicFilter(filter)).toBe(false);
  });

  it('refuses what is not text and what is longer than MQTT can say', () => {
    expect([undefined, 7, {}, 'ü'.repeat(32_768)].map(isTopicFilter)).toEqual([false, false, false, false]);
    expect(isTopicFilter('ü'.repeat(32_767))).toBe(true);
  });
});

describe('isTopic', () => {
  it('takes no wildcards', () => {
    expect(['a/b', 'a/+', '#'].map(isTopic)).toEqual([true, false, false]);
  });

  it('takes no characters for which a broker may end the connection', () => {
    const topics = ['a/\u0001', 'a/\u007f', 'a/\u009f', 'a/\ud800', 'a/\ufdd0', 'a/\uffff', 'a/\u{1fffe}'];
    expect(topics.filter(isTopic)).toEqual([]);
    expect(isTopic('a/\u{1f41d}ü')).toBe(true);
  });
});
