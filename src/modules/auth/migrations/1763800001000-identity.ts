import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What an identity service keeps beside accounts and sessions. It only adds: the version before this
 * one goes on working beside it.
 */
export class Identity1763800001000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE auth.users
        ADD username_skeleton text,
        ADD email_verified_at timestamptz,
        ADD banned_at timestamptz,
        ADD ban_reason text,
        ADD deleted_at timestamptz,
        -- An account that was made by signing in elsewhere has no password.
        ALTER password_hash DROP NOT NULL;

      ALTER TABLE auth.sessions
        -- The key that signed its newest access token, and when the last of its tokens ends.
        ADD signed_by text,
        ADD token_expires_at timestamptz;

      ALTER TABLE auth.signing_keys
        ADD activated_at timestamptz,
        ADD retired_at timestamptz;
      CREATE UNIQUE INDEX signing_keys_one_standby ON auth.signing_keys (state) WHERE state = 'standby';

      -- What access tokens that are still under way do not know. Every process follows it.
      CREATE TABLE auth.revocations (
        kind text NOT NULL CHECK (kind IN ('session', 'key', 'roles')),
        subject text NOT NULL,
        roles text[],
        created_at timestamptz NOT NULL DEFAULT now(),
        -- Until the last token that it concerns has ended by itself.
        expires_at timestamptz NOT NULL,
        -- By it a reader finds what was committed since it last looked, without gaps and without clocks.
        written xid8 NOT NULL DEFAULT pg_current_xact_id(),
        PRIMARY KEY (kind, subject)
      );
      CREATE INDEX revocations_written ON auth.revocations (written);
      CREATE INDEX revocations_expiry ON auth.revocations (expires_at);

      -- The secrets of the links in mails, as hashes.
      CREATE TABLE auth.one_time_tokens (
        hash bytea PRIMARY KEY,
        purpose text NOT NULL,
        user_id uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
        email text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL,
        used_at timestamptz
      );
      CREATE INDEX one_time_tokens_user ON auth.one_time_tokens (user_id, purpose);
      CREATE INDEX one_time_tokens_expiry ON auth.one_time_tokens (expires_at);

      CREATE TABLE auth.api_keys (
        id uuid PRIMARY KEY,
        tenant_id text NOT NULL,
        user_id uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
        name text NOT NULL,
        hash bytea NOT NULL UNIQUE,
        scopes text[] NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL,
        last_used_at timestamptz,
        revoked_at timestamptz
      );
      CREATE INDEX api_keys_user ON auth.api_keys (user_id, id);

      -- Accounts elsewhere by which somebody signs in here.
      CREATE TABLE auth.identities (
        id uuid PRIMARY KEY,
        tenant_id text NOT NULL,
        user_id uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
        provider text NOT NULL,
        subject text NOT NULL,
        email text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        last_used_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT identities_subject UNIQUE (tenant_id, provider, subject)
      );
      CREATE INDEX identities_user ON auth.identities (user_id, id);

      -- Without foreign keys: it outlives the accounts it tells of.
      CREATE TABLE auth.audit_log (
        id uuid PRIMARY KEY,
        tenant_id text NOT NULL,
        at timestamptz NOT NULL DEFAULT now(),
        event text NOT NULL,
        result text NOT NULL CHECK (result IN ('success', 'failure')),
        actor_id uuid,
        subject_id uuid,
        session_id uuid,
        ip text,
        device text,
        request_id text,
        detail jsonb NOT NULL DEFAULT '{}'
      );
      CREATE INDEX audit_log_tenant ON auth.audit_log (tenant_id, id);
      CREATE INDEX audit_log_subject ON auth.audit_log (subject_id, id);

      -- Mails of a development machine, which has no mail server.
      CREATE TABLE auth.mailbox (
        id uuid PRIMARY KEY,
        recipient text NOT NULL,
        subject text NOT NULL,
        body text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE auth.mailbox, auth.audit_log, auth.identities, auth.api_keys, auth.one_time_tokens, auth.revocations;
      DROP INDEX auth.signing_keys_one_standby;
      ALTER TABLE auth.signing_keys DROP activated_at, DROP retired_at;
      ALTER TABLE auth.sessions DROP signed_by, DROP token_expires_at;
      ALTER TABLE auth.users DROP username_skeleton, DROP email_verified_at, DROP banned_at, DROP ban_reason, DROP deleted_at;
    `);
  }
}
