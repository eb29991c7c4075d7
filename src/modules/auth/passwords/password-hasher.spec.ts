import { describe, expect, it } from '@jest/globals';
import { hash as argon2 } from '@node-rs/argon2';
import { hash as bcrypt } from '@node-rs/bcrypt';
import { authConfig } from '../auth.config.js';
import { PasswordHasher } from './password-hasher.js';

const hasher = (settings: object = {}) => new PasswordHasher(authConfig.schema.parse(settings));

describe('PasswordHasher', () => {
  it('makes argon2id hashes of 19 MiB and two passes, and checks them', async () => {
    const passwords = hasher();
    const stored = await passwords.hash('correct horse');
    expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await passwords.verify(stored, 'correct horse')).toBe(true);
    expect(await passwords.verify(stored, 'wrong horse')).toBe(false);
    expect(await passwords.check(stored, 'correct horse')).toEqual({
      fits: true,
      isOutdated: false,
    });
  });

  it('fits nothing to an account that does not exist or has no password', async () => {
    for (const none of [undefined, null])
      expect(await hasher().check(none, 'whatever')).toEqual({ fits: false, isOutdated: false });
  });

  it('takes a password for the same however its characters were put together', async () => {
    const stored = await hasher().hash('pa\u0308sswort ﬁn');
    expect(await hasher().verify(stored, 'p\u00e4sswort fin')).toBe(true);
  });

  it.each(['2a', '2b', '2y'] as const)('checks hashes of bcrypt ($%s$)', async (version) => {
    const stored = (await bcrypt('correct horse', 4)).replace('$2b$', `$${version}$`);
    expect(await hasher().check(stored, 'correct horse')).toEqual({ fits: true, isOutdated: true });
    expect(await hasher().check(stored, 'wrong horse')).toEqual({ fits: false, isOutdated: false });
  });

  it('knows hashes that are weaker than today’s, and those of passwords that were not normalised', async () => {
    const weaker = await argon2('correct horse', { memoryCost: 8192, timeCost: 2, parallelism: 1 });
    const asWritten = await argon2('pa\u0308sswort', { memoryCost: 19_456, timeCost: 2 });
    expect(await hasher().check(weaker, 'correct horse')).toEqual({ fits: true, isOutdated: true });
    expect(await hasher().check(asWritten, 'pa\u0308sswort')).toEqual({
      fits: true,
      isOutdated: true,
    });
  });

  it('turns away whom it cannot hash in time, and serves the others', async () => {
    const passwords = hasher({ hashConcurrency: 1, hashQueue: 2 });
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => passwords.hash('p')));
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused).toHaveLength(2);
    expect(refused[0]?.reason).toMatchObject({ code: 'overloaded' });
    expect(await passwords.hash('again')).toContain('argon2id');
  });

  it('does not hash for who has gone', async () => {
    const passwords = hasher({ hashConcurrency: 1, hashQueue: 1 });
    const gone = new AbortController();
    const first = passwords.hash('first');
    const second = passwords.check(undefined, 'second', gone.signal);
    gone.abort(new Error('gone'));
    await expect(second).rejects.toMatchObject({ code: 'request_timeout' });
    const third = passwords.hash('third'); // its place is free
    expect(await Promise.all([first, third])).toHaveLength(2);
  });
});
