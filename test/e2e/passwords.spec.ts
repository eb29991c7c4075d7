import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, type Account, type Client } from '../support/client.js';
import { sameBut, startMailing, type Mailing } from '../support/mailing.js';

const NEW = 'a new one nobody guesses';
const RESET = 'Reset your password';

describe('passwords', () => {
  let mailing: Mailing;
  let client: Client;

  beforeAll(async () => {
    mailing = await startMailing({ LOG_LEVEL: 'debug' });
    ({ client } = mailing);
  });
  afterAll(() => mailing?.stop());

  const forgot = (email: string, headers: Record<string, string> = {}) =>
    client.post('/api/v1/auth/password/forgot', { email }, undefined, headers);
  const reset = (token: string, newPassword = NEW, headers: Record<string, string> = {}) =>
    client.post('/api/v1/auth/password/reset', { token, newPassword }, undefined, headers);
  const change = (
    account: Account,
    currentPassword: string,
    newPassword = NEW,
    headers: Record<string, string> = {},
  ) =>
    client.post(
      '/api/v1/auth/password/change',
      { currentPassword, newPassword },
      account.token,
      headers,
    );
  const login = (account: Account, password: string) =>
    client.post('/api/v1/auth/login', { identifier: account.username, password });
  const me = (token: string) => client.get('/api/v1/users/me', token);
  const outcome = ({ status, body }: { status: number; body: { code?: string } }) => [
    status,
    body.code,
  ];
  const REFUSED = [400, 'invalid_one_time_token'];
  /** The token of a reset mail that was asked for now. */
  const resetTokenOf = async ({ email }: Account): Promise<string> => {
    const nth = mailing.smtp.to(email, RESET).length + 1;
    expect((await forgot(email)).status).toBe(202);
    return (await mailing.smtp.mail(email, RESET, nth)).token;
  };

  describe('that are forgotten', () => {
    it('A13 are answered alike, and with the same work, for known and unknown addresses', async () => {
      const ada = await client.account('ada');
      await mailing.settled();
      const known = await forgot(ada.email);
      const unknown = await forgot('nobody@example.com');
      expect(sameBut(known)).toEqual(sameBut(unknown));
      expect([known.status, known.body]).toEqual([202, { status: 'accepted' }]);

      const recordsOf = (answer: { headers: Headers }) =>
        mailing.deployment.app.logs
          .filter((record) => record['request_id'] === answer.headers.get('x-request-id'))
          .map(({ event, statement }) => [event, statement]);
      await eventually(async () => {
        expect(recordsOf(known)).toContainEqual(['request', undefined]); // the last one
        expect(await Promise.resolve(recordsOf(unknown))).toEqual(recordsOf(known));
      });
      const jobs = await mailing.query(
        `SELECT data->'data' AS mail FROM jobs.job WHERE name = 'auth.mail'
         AND data->'data'->>'template' = 'password-reset' ORDER BY created_on`,
      );
      expect(jobs.map(({ mail }) => mail)).toEqual(
        [ada.email, 'nobody@example.com'].map((email) => ({
          template: 'password-reset',
          tenantId: 'default',
          email,
          occasion: expect.objectContaining({ ip: '127.0.0.1', sessionId: null }),
        })),
      );
      await mailing.smtp.mail(ada.email, RESET);
      await mailing.settled();
      expect(mailing.smtp.to('nobody@example.com')).toEqual([]);
    });

    it('are set anew by the link of a mail, which ends every session', async () => {
      const ben = await client.account('ben');
      const other = (await login(ben, ben.password)).body;
      await forgot(ben.email.toUpperCase());
      const mail = await mailing.smtp.mail(ben.email, RESET);
      expect(mail.link).toBe(`https://app.example.com/reset-password#token=${mail.token}`);
      expect(mail.html).toContain(`<a href="${mail.link}">`);

      const answer = await reset(mail.token);
      expect([answer.status, answer.text]).toEqual([204, '']);
      await eventually(async () => {
        for (const token of [ben.token, other.accessToken])
          expect(outcome(await me(token))).toEqual([401, 'invalid_token']);
      }, 5000);
      const refreshed = await client.post('/api/v1/auth/refresh', {
        refreshToken: ben.refreshToken,
      });
      expect(refreshed.status).toBe(401);
      expect((await login(ben, ben.password)).status).toBe(401);
      expect((await login(ben, NEW)).status).toBe(200);
      expect(outcome(await reset(mail.token, 'and once more, please'))).toEqual(REFUSED);
      await mailing.smtp.mail(ben.email, 'Your password was changed');

      const [user] = await mailing.query(
        `SELECT email_verified_at IS NOT NULL AS verified FROM auth.users WHERE id = $1`,
        [ben.id],
      );
      expect(user).toEqual({ verified: true });
      const reasons = await mailing.query(
        `SELECT DISTINCT end_reason AS reason FROM auth.sessions WHERE user_id = $1 AND ended_at IS NOT NULL`,
        [ben.id],
      );
      expect(reasons).toEqual([{ reason: 'password_reset' }]);
      const audited = await mailing.query(
        `SELECT result FROM auth.audit_log WHERE event = 'password.reset' AND subject_id = $1`,
        [ben.id],
      );
      expect(audited).toEqual([{ result: 'success' }]);
    });

    it('A18 are set once by 10 parallel uses of a token', async () => {
      const cleo = await client.account('cleo');
      const token = await resetTokenOf(cleo);
      const passwords = Array.from({ length: 10 }, (_, i) => `parallel password ${i}`);
      const answers = await Promise.all(passwords.map((password) => reset(token, password)));
      const won = answers.map(({ status }) => status).indexOf(204);
      const rest = answers.filter((_, i) => i !== won);
      expect(rest.map(outcome)).toEqual(Array.from({ length: 9 }, () => REFUSED));
      expect((await login(cleo, passwords[won] ?? '')).status).toBe(200);
    });

    it('are set by any of the newest three links, so that nobody can withhold one, and then by none', async () => {
      const lea = await client.account('lea');
      const links: string[] = [];
      for (let n = 0; n < 4; n++) {
        links.push(await resetTokenOf(lea));
        await mailing.aMinutePasses();
      }
      const [first = '', second = '', third = '', fourth = ''] = links;
      expect(outcome(await reset(first))).toEqual(REFUSED);
      const answers = await Promise.all([second, third].map((token) => reset(token)));
      expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([204, 400]);
      for (const token of [second, third, fourth])
        expect(outcome(await reset(token))).toEqual(REFUSED);
    });

    it('are in the audit log: who asked for a link, when its mail is sent, and tokens that were refused', async () => {
      const mia = await client.account('mia');
      const lines = (event: string, subject: string | null) =>
        mailing.query(
          `SELECT result, actor_id AS actor, ip, device, detail FROM auth.audit_log
           WHERE event = $1 AND subject_id IS NOT DISTINCT FROM $2 ORDER BY id`,
          [event, subject],
        );
      const before = await lines('password.reset_requested', null);
      expect((await forgot(mia.email, { 'user-agent': 'curl/8.5.0' })).status).toBe(202);
      await forgot('nobody@example.com');
      await mailing.settled();
      expect(await lines('password.reset_requested', mia.id)).toEqual([
        { result: 'success', actor: null, ip: '127.0.0.1', device: 'curl/8.5.0', detail: {} },
      ]);
      expect(await lines('password.reset_requested', null)).toEqual(before);

      const reason = 'invalid_one_time_token';
      await reset('garbage');
      await client.post('/api/v1/auth/email/verify', { token: 'garbage' });
      for (const event of ['password.reset', 'email.verified'])
        expect((await lines(event, null)).at(-1)).toMatchObject({
          ...{ result: 'failure', actor: null, ip: '127.0.0.1', detail: { reason } },
        });
    });

    it('stay as they are after ten minutes', async () => {
      const dora = await client.account('dora');
      const first = await resetTokenOf(dora);
      const lifetime = await mailing.query(
        `SELECT extract(epoch FROM expires_at - created_at)::int AS seconds FROM auth.one_time_tokens
         WHERE user_id = $1 AND purpose = 'password_reset'`,
        [dora.id],
      );
      expect(lifetime).toEqual([{ seconds: 600 }]);
      await mailing.query(`UPDATE auth.one_time_tokens SET expires_at = now() WHERE user_id = $1`, [
        dora.id,
      ]);
      expect(outcome(await reset(first))).toEqual(REFUSED);
      expect((await login(dora, dora.password)).status).toBe(200);
    });

    it('are not set by tokens for something else, of another address, or by none', async () => {
      const eve = await client.account('eve');
      const verification = await mailing.smtp.mail(eve.email, 'Confirm your e-mail address');
      expect(outcome(await reset(verification.token))).toEqual(REFUSED);
      const token = await resetTokenOf(eve);
      const verify = await client.post('/api/v1/auth/email/verify', { token });
      expect(outcome(verify)).toEqual(REFUSED);
      for (const garbage of ['garbage', token.slice(1), `${token}=`, "' OR 1=1 --"])
        expect(outcome(await reset(garbage))).toEqual(REFUSED);
      expect(outcome(await reset('\0'))).toEqual([400, 'validation_failed']);
      expect(outcome(await reset(token, 'short'))).toEqual([400, 'validation_failed']);
      await mailing.query(`UPDATE auth.users SET email = 'e' || email WHERE id = $1`, [eve.id]);
      expect(outcome(await reset(token))).toEqual(REFUSED);
    });

    it('are set for an account that has none', async () => {
      const finn = await client.account('finn');
      await mailing.query(`UPDATE auth.users SET password_hash = NULL WHERE id = $1`, [finn.id]);
      expect(outcome(await change(finn, finn.password))).toEqual([403, 'wrong_password']);
      expect((await reset(await resetTokenOf(finn))).status).toBe(204);
      expect((await login(finn, NEW)).status).toBe(200);
    });

    it('make at most one mail a minute', async () => {
      const gwen = await client.account('gwen');
      for (let i = 0; i < 4; i++) expect((await forgot(gwen.email)).status).toBe(202);
      await mailing.settled();
      expect(mailing.smtp.to(gwen.email, RESET)).toHaveLength(1);
      await mailing.aMinutePasses();
      await forgot(gwen.email);
      await mailing.smtp.mail(gwen.email, RESET, 2);
    });

    it('are those of the tenant that is named', async () => {
      await mailing.query(`INSERT INTO auth.tenants (id, name) VALUES ('acme', 'Acme')`);
      const hugo = await client.account('hugo', { 'x-tenant': 'acme' });
      await forgot(hugo.email);
      await mailing.settled();
      expect(mailing.smtp.to(hugo.email, RESET)).toEqual([]);
      await forgot(hugo.email, { 'x-tenant': 'acme' });
      await mailing.smtp.mail(hugo.email, RESET);
      const nowhere = await forgot(hugo.email, { 'x-tenant': 'nowhere' });
      expect(outcome(nowhere)).toEqual([400, 'unknown_tenant']);
    });

    it('are set by a request that is repeated with its key, whose first answer was lost', async () => {
      const ida = await client.account('ida');
      const token = await resetTokenOf(ida);
      const key = { 'idempotency-key': `reset-${ida.id}` };
      expect((await reset(token, NEW, key)).status).toBe(204);
      const repeated = await reset(token, NEW, key);
      expect([repeated.status, repeated.headers.get('idempotency-replayed')]).toEqual([
        204,
        'true',
      ]);
    });
  });

  describe('that are changed', () => {
    it('end the other sessions and keep this one', async () => {
      const jack = await client.account('jack');
      const other = (await login(jack, jack.password)).body;
      const link = await resetTokenOf(jack);
      const key = { 'idempotency-key': `change-${jack.id}` };
      const answer = await change(jack, jack.password, NEW, key);
      expect([answer.status, answer.text]).toEqual([204, '']);
      await eventually(async () => {
        expect(outcome(await me(other.accessToken))).toEqual([401, 'invalid_token']);
      }, 5000);
      expect((await me(jack.token)).status).toBe(200);
      expect((await login(jack, jack.password)).status).toBe(401);
      expect((await login(jack, NEW)).status).toBe(200);
      expect(outcome(await reset(link))).toEqual(REFUSED); // whoever asked for it
      expect((await change(jack, jack.password, NEW, key)).status).toBe(204); // a repeat
      const mail = await mailing.smtp.mail(jack.email, 'Your password was changed');
      expect(mail.text).toContain('from the address 127.0.0.1');
    });

    it('are refused when they are common, or the name or address of the account', async () => {
      const lena = await client.account('lena');
      for (const common of ['password123', lena.email, lena.username.toUpperCase()]) {
        const { status, body } = await change(lena, lena.password, common);
        expect([status, body.errors?.[0]]).toMatchObject([
          ...[400, { path: 'newPassword', code: 'too_common' }],
        ]);
      }
    });

    it('are changed by one of those who do it at the same moment', async () => {
      const mona = await client.account('mona');
      const wanted = [1, 2, 3, 4, 5].map((n) => `${NEW} ${n}`);
      const answers = await Promise.all(wanted.map((one) => change(mona, mona.password, one)));
      const changed = wanted.filter((_, n) => answers[n]?.status === 204);
      expect(changed).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 403)).toHaveLength(4);
      expect((await login(mona, changed[0] ?? '')).status).toBe(200);
    });

    it('open no session for the old one that was checked before and came after', async () => {
      const olga = await client.account('olga');
      const open = await mailing.deployment.database.pool.connect();
      try {
        await open.query('BEGIN');
        await open.query(`UPDATE auth.users SET password_hash = NULL WHERE id = $1`, [olga.id]);
        const answer = login(olga, olga.password);
        await eventually(async () => {
          const waiting = await mailing.query(
            `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
          );
          expect(waiting).toHaveLength(1);
        });
        await open.query('COMMIT');
        expect(outcome(await answer)).toEqual([401, 'invalid_credentials']);
      } finally {
        open.release();
      }
    });

    it('stay as they are for whoever does not know the current one', async () => {
      const kim = await client.account('kim');
      expect(outcome(await change(kim, 'not the password'))).toEqual([403, 'wrong_password']);
      expect((await login(kim, kim.password)).status).toBe(200);
      const anonymous = await client.post('/api/v1/auth/password/change', {
        currentPassword: kim.password,
        newPassword: NEW,
      });
      expect(anonymous.status).toBe(401);
      const audited = await mailing.query(
        `SELECT result FROM auth.audit_log WHERE event = 'password.changed' AND subject_id = $1`,
        [kim.id],
      );
      expect(audited).toEqual([{ result: 'failure' }]);
    });
  });

  it('leave no token in plain anywhere in the database, and neither token nor address in a log', async () => {
    const tokens = mailing.smtp.received.map(({ token }) => token).filter((token) => token !== '');
    expect(tokens.length).toBeGreaterThan(10);
    const tables = await mailing.query(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
       WHERE schemaname IN ('auth', 'jobs', 'platform')`,
    );
    expect(tables).toContainEqual({ name: 'jobs.job' });
    let stored = '';
    for (const { name } of tables)
      stored += JSON.stringify(await mailing.query(`SELECT t::text FROM ${String(name)} t`));
    const { logs, stderr } = mailing.deployment.app;
    const logged = JSON.stringify(logs) + stderr;
    for (const token of tokens) {
      expect(stored).not.toContain(token);
      expect(stored).not.toContain(Buffer.from(token).toString('hex'));
      expect(logged).not.toContain(token);
    }
    for (const address of mailing.smtp.received.flatMap(({ recipients }) => recipients))
      expect(logged).not.toContain(address);
    expect(logged).toContain('"event":"mail_sent"');
  });

  describe('that are reset', () => {
    it('leave no way in to a stranger who registered the address before its owner proved it', async () => {
      const squatter = await client.account('squatter');
      const body = { name: 'kept', scopes: ['account:read'] };
      const { key } = (await client.post('/api/v1/auth/api-keys', body, squatter.token)).body;
      expect((await me(key)).status).toBe(200);
      expect((await reset(await resetTokenOf(squatter))).status).toBe(204);
      await eventually(async () => {
        for (const credential of [key, squatter.token])
          expect((await me(credential)).status).toBe(401);
      }, 5000);
    });

    it('leave no API key to a stranger who got into an account whose address is proved', async () => {
      const ada = await client.account('ada');
      const { token } = await mailing.smtp.mail(ada.email, 'Confirm your e-mail address');
      expect((await client.post('/api/v1/auth/email/verify', { token })).status).toBe(204);
      const body = { name: 'left behind', scopes: ['account:read'] };
      const { key } = (await client.post('/api/v1/auth/api-keys', body, ada.token)).body;
      expect((await me(key)).status).toBe(200);
      const told = await mailing.smtp.mail(ada.email, 'An API key was made for your account');
      expect(told.text).toContain(`Hello ${ada.username},`);
      expect(told.text).toContain('from the address 127.0.0.1');
      expect(told.text).not.toContain(key);
      await mailing.query(
        `INSERT INTO auth.identities (id, tenant_id, user_id, provider, subject, email)
         VALUES (gen_random_uuid(), 'default', $1, 'google', $2, $3)`,
        [ada.id, ada.id, ada.email],
      );
      expect((await reset(await resetTokenOf(ada))).status).toBe(204);
      await eventually(async () => {
        expect((await me(key)).status).toBe(401);
      }, 5000);
      // Its owner was told of it when it was linked, and can unlink it.
      const identities = `SELECT provider FROM auth.identities WHERE user_id = $1`;
      expect(await mailing.query(identities, [ada.id])).toEqual([{ provider: 'google' }]);
    });

    it('leave no link to a stranger who got in and asked for another address', async () => {
      const nora = await client.account('nora');
      const stranger = `stranger-${nora.id}@example.com`;
      const asked = await client.post(
        '/api/v1/auth/email/change',
        { newEmail: stranger, currentPassword: nora.password },
        nora.token,
      );
      expect(asked.status).toBe(202);
      const { token } = await mailing.smtp.mail(stranger, 'Confirm your new e-mail address');
      expect((await reset(await resetTokenOf(nora))).status).toBe(204);
      const used = await client.post('/api/v1/auth/email/verify', { token });
      expect(outcome(used)).toEqual(REFUSED);
      const { accessToken } = (await login(nora, NEW)).body;
      expect((await me(accessToken)).body.email).toBe(nora.email);
    });

    it('are refused when they are common, and the link is still good', async () => {
      const ada = await client.account('ada');
      const token = await resetTokenOf(ada);
      for (const common of ['password123', 'PASSWORD123', ada.email, ada.username]) {
        const { status, body } = await reset(token, common);
        expect([status, body.errors[0]]).toMatchObject([
          ...[400, { path: 'newPassword', code: 'too_common' }],
        ]);
      }
      expect((await reset(token)).status).toBe(204);
    });
  });
});
