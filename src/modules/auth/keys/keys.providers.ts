import { EndKeySessions } from './end-key-sessions.js';
import { IssueAccessToken } from './issue-access-token.js';
import { JwksController } from './jwks.controller.js';
import { KeepKeys } from './keep-keys.js';
import { KeyEncryption } from './key-encryption.js';
import { KeysController } from './keys.controller.js';
import { KeysRepository, PgKeysRepository } from './keys.repository.js';
import { MakeKey } from './make-key.js';
import { RevokeKey } from './revoke-key.js';
import { RotateKeys } from './rotate-keys.js';
import { SigningKeys } from './signing-keys.js';

/** Signing keys: made and changed where auth serves, and by the clock. */
export const keys = {
  controllers: [JwksController, KeysController],
  both: [
    { provide: KeysRepository, useClass: PgKeysRepository },
    KeyEncryption,
    MakeKey,
    RotateKeys,
  ],
  serving: [SigningKeys, IssueAccessToken, RevokeKey],
  working: [KeepKeys, EndKeySessions],
};
