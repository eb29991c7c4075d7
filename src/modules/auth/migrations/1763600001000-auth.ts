import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tenants, accounts, sessions and signing keys. */
export class Auth1763600001000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE SCHEMA auth;

      CREATE TABLE auth.tenants (
        id text PRIMARY KEY CHECK (id ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
        name text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      );
      INSERT INTO auth.tenants (id, name) VALUES ('default', 'Default');

      CREATE TABLE auth.users (
        id uuid PRIMARY KEY,
        tenant_id text NOT NULL REFERENCES auth.tenants (id),
        email text NOT NULL,
        email_key text NOT NULL,
        username text NOT NULL,
        username_key text NOT NULL,
        display_name text NOT NULL,
        bio text NOT NULL DEFAULT '',
        avatar_url text,
        password_hash text NOT NULL,
        roles text[] NOT NULL DEFAULT '{user}',
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT users_email UNIQUE (tenant_id, email_key),
        CONSTRAINT users_username UNIQUE (tenant_id, username_key)
      );

      -- Written by posts through AuthApi.setCounts, often; so it stands beside the accounts.
      CREATE TABLE auth.profile_counts (
        user_id uuid PRIMARY KEY REFERENCES auth.users (id) ON DELETE CASCADE,
        posts integer NOT NULL,
        followers integer NOT NULL,
        following integer NOT NULL
      ) WITH (fillfactor = 70);

      CREATE TABLE auth.sessions (
        id uuid PRIMARY KEY,
        tenant_id text NOT NULL,
        user_id uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
        ip text NOT NULL,
        device text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        last_used_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL,
        ended_at timestamptz,
        end_reason text
      );
      CREATE INDEX sessions_user ON auth.sessions (user_id);
      CREATE INDEX sessions_expiry ON auth.sessions (expires_at);

      -- Every token of a session, as a hash: an old one that comes back is recognised by it.
      CREATE TABLE auth.refresh_tokens (
        hash bytea PRIMARY KEY,
        session_id uuid NOT NULL REFERENCES auth.sessions (id) ON DELETE CASCADE,
        replaced_at timestamptz,
        -- The next token, readable only with this one: a lost answer can be given again.
        sealed_successor bytea,
        successor_hash bytea
      );
      CREATE INDEX refresh_tokens_session ON auth.refresh_tokens (session_id);

      CREATE TABLE auth.signing_keys (
        kid text PRIMARY KEY,
        public_jwk jsonb NOT NULL,
        encrypted_private_key bytea NOT NULL,
        state text NOT NULL CHECK (state IN ('standby', 'active', 'retired')),
        created_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE UNIQUE INDEX signing_keys_one_active ON auth.signing_keys (state) WHERE state = 'active';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA auth CASCADE');
  }
}
