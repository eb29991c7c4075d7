import { describe, expect, it } from '@jest/globals';
import { toEcs } from './ecs.js';

describe('toEcs', () => {
  it('gives fields their names in the schema, and all others a label', () => {
    expect(
      toEcs({ duration_ms: 1.234, queue: 'mail', until: { at: 1 }, err: { message: 'x' } }),
    ).toEqual({
      'event.duration': 1_234_000,
      'labels.queue': 'mail',
      'labels.until': '{"at":1}',
      'error.message': 'x',
      'error.type': undefined,
      'error.stack_trace': undefined,
    });
    expect(toEcs({ err: 'thrown text' })).toEqual({ 'error.message': 'thrown text' });
    expect(toEcs({ err: 5 })).toEqual({ 'error.message': '5' });
  });
});
