import { describe, expect, it } from '@jest/globals';
import type { LoggedEvent } from '../../../platform/messaging/domain-event.js';
import { eventFrame } from './event-frame.js';
import { parseClientFrame, serverFrames } from './frames.js';

describe('frames', () => {
  it('are read strictly, and what is wrong is told with the id', () => {
    expect(parseClientFrame('{"op":"ping","id":1}')).toEqual({ op: 'ping', id: 1 });
    for (const [text, id] of [
      ['nonsense', undefined],
      ['null', undefined],
      ['[]', undefined],
      ['{"op":"nothing","id":"x"}', 'x'],
      ['{"op":"subscribe","id":3}', 3],
      ['{"op":"ping","id":{}}', undefined],
      ['{"op":"ping","more":1}', undefined],
      ['{"op":"resume","epoch":"e","offset":-1,"topics":["feed"]}', undefined],
    ] as const) {
      expect(parseClientFrame(text)).toEqual({ error: expect.any(String), id });
    }
  });

  it('that are wrong are told so in our own words', () => {
    const said = (frame: unknown) =>
      (parseClientFrame(JSON.stringify(frame)) as { error: string }).error;
    const all = [[], { op: 'dance' }, {}, { op: 'subscribe' }, { op: 'ping', more: 1 }];
    expect(all.map(said)).toEqual([
      'The frame is wrong: expected an object.',
      'op: expected one of auth, subscribe, unsubscribe, resume, ping',
      'op: expected one of auth, subscribe, unsubscribe, resume, ping',
      'topic: required',
      'more: This field is not known.',
    ]);
    const resume = { op: 'resume', epoch: 'e', offset: -1, topics: [''] };
    expect(said(resume)).toBe('offset: expected at least 0');
  });

  it('of events are spliced together as the schema says, whatever the data holds', () => {
    const event: LoggedEvent = {
      position: 7,
      type: 'post.created',
      tenantId: 'default',
      channels: ['c'],
      data: JSON.stringify({ text: 'quotes " and \\ and \u2028' }),
      at: '2026-01-02T03:04:05.678Z',
      trace: null,
    };
    const frame: unknown = JSON.parse(eventFrame(event)('user:"x"'));
    expect(serverFrames.event.parse(frame)).toEqual({
      op: 'event',
      topic: 'user:"x"',
      offset: 7,
      type: 'post.created',
      data: { text: 'quotes " and \\ and \u2028' },
      at: '2026-01-02T03:04:05.678Z',
    });
  });
});
