import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';
import type { PublicJwk } from '../auth.contract.js';

/** Read at the start and when a key is not known: seldom enough for an entity. */
@Entity({ schema: 'auth', name: 'signing_keys' })
export class SigningKeyEntity {
  @PrimaryColumn({ type: 'text' })
  kid!: string;

  @Column({ name: 'public_jwk', type: 'jsonb' })
  publicJwk!: PublicJwk;

  @Column({ name: 'encrypted_private_key', type: 'bytea' })
  encryptedPrivateKey!: Buffer;

  @Column({ type: 'text' })
  state!: 'standby' | 'active' | 'retired';

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;
}
