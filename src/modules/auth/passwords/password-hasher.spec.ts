import { describe, expect, it } from '@jest/globals';
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
  });

  it('fits nothing to an account that does not exist, not even the decoy’s password', async () => {
    expect(await hasher().verify(undefined, 'no account has this password')).toBe(false);
  });

  it('turns away whom it cannot hash in time, and serves the others', async () => {
    const passwords = hasher({ hashConcurrency: 1, hashQueue: 2 });
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => passwords.hash('p')));
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused).toHaveLength(2);
    expect(refused[0]?.reason).toMatchObject({ code: 'overloaded' });
    expect(await passwords.hash('again')).toContain('argon2id');
  });
});
