import { describe, expect, it } from 'vitest';
import type { OutgoingMessage } from './message.ts';
import { MqttOutbox, type OutboxOptions, type OutgoingConnection } from './outbox.ts';

function message(text: string, qos: 0 | 1 = 1): OutgoingMessage {
  return { topic: 't', payload: Buffer.from(text), qos, retain: false, properties: {} };
}

function rig(options: Partial<OutboxOptions> = {}) {
  const warnings: string[] = [];
  const outbox = new MqttOutbox({
    capacity: { count: 4, bytes: 10_000 },
    policy: 'drop-oldest',
    maximumPacketBytes: 1000,
    onWarning: (line) => warnings.push(line),
    onDropped: () => warnings.push('lost'),
    onDone: () => {},
    ...options,
  });
  return { outbox, warnings };
}

/** A connection that remembers what was sent and answers when told to. */
function connection(options: Partial<OutgoingConnection> = {}) {
  const sent: { text: string; again: boolean; done: (error?: Error) => void }[] = [];
  const outgoing: OutgoingConnection = {
    sendMaximum: 2,
    maximumPacketBytes: 1000,
    congested: false,
    publish: ({ payload }, again, done) => sent.push({ text: Buffer.from(payload).toString(), again, done }),
    ...options,
  };
  return { outgoing, sent, texts: () => sent.map(({ text, again }) => (again ? `${text} again` : text)) };
}

describe('MqttOutbox', () => {
  it('has no more under way than the broker takes', async () => {
    const { outbox } = rig();
    const { outgoing, sent, texts } = connection();
    outbox.connected(outgoing);
    const published = ['1', '2', '3'].map((text) => outbox.publish(message(text)));
    expect(texts()).toEqual(['1', '2']);
    sent[0]!.done();
    expect(texts()).toEqual(['1', '2', '3']);
    sent[1]!.done();
    sent[2]!.done();
    await Promise.all(published);
    expect(outbox).toMatchObject({ published: 3, size: 0 });
  });

  it('sends again, first and in order, what was under way when the connection broke', async () => {
    const { outbox } = rig();
    const first = connection();
    outbox.connected(first.outgoing);
    const published = ['1', '2', '3'].map((text) => outbox.publish(message(text)));
    outbox.disconnected();
    published.push(outbox.publish(message('4')));
    const second = connection({ sendMaximum: 10 });
    outbox.connected(second.outgoing);
    expect(second.texts()).toEqual(['1 again', '2 again', '3', '4']);
    for (const { done } of second.sent) done();
    await Promise.all(published);
    expect(outbox.published).toBe(4);
  });

  it('rejects and counts what the queue loses', async () => {
    const { outbox, warnings } = rig({ capacity: { count: 2, bytes: 10_000 } });
    const results = Promise.allSettled(['1', '2', '3'].map((text) => outbox.publish(message(text))));
    outbox.close();
    expect((await results).map((result) => result.status === 'rejected' && result.reason.message)).toEqual([
      'message to "t": outbox full',
      'message to "t": not delivered before the link was closed',
      'message to "t": not delivered before the link was closed',
    ]);
    expect(outbox).toMatchObject({ overflowed: 1, abandoned: 2, size: 0 });
    expect(warnings).toEqual(['lost']);
  });

  it('sends QoS 0 at once or not at all', async () => {
    const { outbox } = rig();
    await expect(outbox.publish(message('1', 0))).rejects.toThrow('message to "t": dropped, no connection');
    outbox.connected(connection({ congested: true }).outgoing);
    await expect(outbox.publish(message('2', 0))).rejects.toThrow('message to "t": dropped, the network is too slow');
    const { outgoing, sent } = connection();
    outbox.connected(outgoing);
    const published = outbox.publish(message('3', 0));
    sent[0]!.done();
    await published;
    expect(outbox).toMatchObject({ published: 1, offline: 1, congested: 1, size: 0 });
  });

  it('rejects what the broker refuses and goes on', async () => {
    const { outbox, warnings } = rig();
    const { outgoing, sent } = connection();
    outbox.connected(outgoing);
    const refused = outbox.publish(message('1'));
    sent[0]!.done(new Error('Quota exceeded'));
    await expect(refused).rejects.toThrow('message to "t": refused by the broker: Quota exceeded');
    const published = outbox.publish(message('2'));
    sent[1]!.done();
    await published;
    expect(outbox).toMatchObject({ published: 1, refused: 1 });
    expect(warnings).toEqual(['message to "t": refused by the broker: Quota exceeded']);
  });

  it('learns the largest packet from the broker', async () => {
    const { outbox } = rig();
    const waiting = outbox.publish(message('x'.repeat(200)));
    outbox.connected(connection({ maximumPacketBytes: 100 }).outgoing);
    await expect(waiting).rejects.toThrow('larger than the 100 bytes that the broker takes');
    await expect(outbox.publish(message('x'.repeat(200)))).rejects.toThrow('265 bytes; expected at most 100 bytes');
  });

  it.each([
    [
      'topic',
      { topic: 'a/#' },
      'topic "a/#": not a topic to publish to; expected text without +, # and control characters',
    ],
    ['payload', { payload: 7 }, 'payload is neither text nor bytes; expected a string or a Uint8Array'],
    ['expiry', { properties: { messageExpiryInterval: -1 } }, 'messageExpiryInterval is not a whole number'],
    ['user property', { properties: { userProperties: { a: 1 } } }, 'userProperties are not strings'],
    ['correlation data', { properties: { correlationData: 'a' } }, 'correlationData is not a Uint8Array'],
    ['content type', { properties: { contentType: 1 } }, 'contentType is not a string'],
    ['response topic', { properties: { responseTopic: {} } }, 'responseTopic is not a string'],
  ])('refuses a malformed %s, which would cost the connection', async (_, change, expected) => {
    const { outbox } = rig();
    await expect(outbox.publish({ ...message('x'), ...change } as OutgoingMessage)).rejects.toThrow(expected);
    expect(outbox).toMatchObject({ refused: 1, size: 0 });
  });
});
