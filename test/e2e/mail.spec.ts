import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, eventually, type Account } from '../support/client.js';
import { startMailing, type Mailing } from '../support/mailing.js';

const CONFIRM = 'Confirm your e-mail address';
const ATTEMPT = 'Someone tried to register with your address';
const DEVICE = 'A login from a new device';
const KEY = 'An API key was made for your account';
const CHANGE = 'Confirm your new e-mail address';
const REFUSED = [400, 'invalid_one_time_token'];

describe('mail', () => {
  let mailing: Mailing;
  let client: Client;
  let smtp: Mailing['smtp'];

  beforeAll(async () => {
    mailing = await startMailing({ MAINSTAY__AUTH__DELETED_DAYS: '7' });
    ({ client, smtp } = mailing);
  });
  afterAll(() => mailing?.stop());

  const outcome = ({ status, body }: { status: number; body: { code?: string } }) => [
    status,
    body.code,
  ];
  const register = (email: string, username: string, headers: Record<string, string> = {}) =>
    client.post(
      '/api/v1/auth/register',
      { email, username, password: 'long enough for this' },
      undefined,
      headers,
    );
  const verify = (token: string, bearer?: string) =>
    client.post('/api/v1/auth/email/verify', { token }, bearer);
  const askAgain = (account: Account) =>
    client.call('POST', '/api/v1/auth/email/verification', { token: account.token });
  const login = (account: Account, device: string) =>
    client.post(
      '/api/v1/auth/login',
      { identifier: account.username, password: account.password },
      undefined,
      { 'user-agent': device },
    );
  const userOf = async ({ id }: Account) =>
    (
      await mailing.query(
        `SELECT email, email_verified_at IS NOT NULL AS verified FROM auth.users WHERE id = $1`,
        [id],
      )
    )[0];
  const askForChange = async (account: Account, newEmail: string, currentPassword?: string) => {
    const body = { newEmail, currentPassword: currentPassword ?? account.password };
    return client.post('/api/v1/auth/email/change', body, account.token);
  };

  describe('that proves an address', () => {
    it('goes to every new account, and its link does so once', async () => {
      const ada = await client.account('ada');
      const mail = await smtp.mail(ada.email, CONFIRM);
      expect(mail.recipients).toEqual([ada.email]);
      expect(mail.link).toBe(`https://app.example.com/verify-email#token=${mail.token}`);
      expect(mail.headers).toMatchObject({
        'auto-submitted': 'auto-generated',
        'message-id': expect.stringMatching(/^<job-[0-9a-f-]{36}@localhost>$/),
        to: ada.email,
        from: 'Mainstay <no-reply@localhost>',
      });
      expect(mail.text).toMatch(
        /This was asked for on \d+ \w+ 20\d\d, \d\d:\d\d UTC, from the address 127\.0\.0\.1/,
      );
      expect(await userOf(ada)).toMatchObject({ verified: false });
      const answer = await verify(mail.token);
      expect([answer.status, answer.text]).toEqual([204, '']);
      expect(await userOf(ada)).toMatchObject({ verified: true });
      expect(outcome(await verify(mail.token))).toEqual(REFUSED);
      expect((await client.get('/api/v1/users/me', ada.token)).status).toBe(200);
    });

    it('is sent again when it is asked for, not twice in a minute, and not when it is not needed', async () => {
      const ben = await client.account('ben');
      const first = await smtp.mail(ben.email, CONFIRM);
      const soon = await askAgain(ben);
      expect([soon.status, soon.body]).toEqual([202, { status: 'accepted' }]);
      await mailing.settled();
      expect(smtp.to(ben.email)).toHaveLength(1);
      await mailing.aMinutePasses();
      await askAgain(ben);
      const second = await smtp.mail(ben.email, CONFIRM, 2);
      expect((await verify(first.token)).status).toBe(204);
      expect(outcome(await verify(second.token))).toEqual(REFUSED); // with the one that was used
      await mailing.aMinutePasses();
      const verified = await askAgain(ben);
      expect([verified.status, verified.body]).toEqual([202, { status: 'accepted' }]);
      await mailing.settled();
      expect(smtp.to(ben.email)).toHaveLength(2);
      const anonymous = await client.post('/api/v1/auth/email/verification', {});
      expect(anonymous.status).toBe(401);
    });

    it('proves it to one of ten parallel uses, and to none after ten minutes', async () => {
      const cleo = await client.account('cleo');
      const { token } = await smtp.mail(cleo.email, CONFIRM);
      const answers = await Promise.all(Array.from({ length: 10 }, () => verify(token)));
      expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
      const dora = await client.account('dora');
      const late = await smtp.mail(dora.email, CONFIRM);
      await mailing.query(`UPDATE auth.one_time_tokens SET expires_at = now()`);
      expect(outcome(await verify(late.token))).toEqual(REFUSED);
      for (const token of ['garbage', 'a'.repeat(128)])
        expect(outcome(await verify(token))).toEqual(REFUSED);
      for (const token of ['\0', 'a'.repeat(129)])
        expect(outcome(await verify(token))).toEqual([400, 'validation_failed']);
    });
  });

  it('stands in the history of the account: asked for, refused, proved, changed', async () => {
    const lara = await client.account('lara');
    const { token } = await smtp.mail(lara.email, CONFIRM);
    await askAgain(lara);
    await verify(token);
    await askForChange(lara, 'lara@example.net', 'not the password');
    await askForChange(lara, 'lara@example.net');
    const change = await smtp.mail('lara@example.net', CHANGE);
    expect((await verify(change.token, lara.token)).status).toBe(204);
    const { items } = (await client.get('/api/v1/users/me/security', lara.token)).body;
    const lines = items.map(({ event, result }: { event: string; result: string }) => [
      event,
      result,
    ]);
    expect(lines).toEqual([
      ['email.changed', 'success'],
      ['email.change_requested', 'success'],
      ['email.change_requested', 'failure'],
      ['email.verified', 'success'],
      ['email.verification_requested', 'success'],
      ['account.registered', 'success'],
    ]);
  });

  it('A13 tells the owner of an address that somebody registers with it, once a minute, and nobody else', async () => {
    const eve = await client.account('eve');
    const answers = await Promise.all(
      ['eve_a', 'eve_b', 'eve_c', 'eve_d'].map((name) => register(eve.email.toUpperCase(), name)),
    );
    for (const answer of answers) {
      expect([answer.status, answer.text]).toEqual([202, '{"status":"accepted"}']);
      expect(answer.text).not.toContain(eve.username);
    }
    await mailing.settled();
    const [mail, ...more] = smtp.to(eve.email, ATTEMPT);
    expect(more).toEqual([]);
    expect(mail?.link).toBe('');
    // To the address as its owner wrote it, not as the stranger did.
    expect(mail?.recipients).toEqual([eve.email]);
    // Nor does a user name that is taken as well tell of the address.
    const both = await register(eve.email, eve.username);
    const name = await register('unknown@example.com', eve.username);
    expect([both, name].map(outcome)).toEqual([
      [409, 'username_taken'],
      [409, 'username_taken'],
    ]);
  });

  it('tells of that the owner of an account that can still be restored, too', async () => {
    const gone = await client.account('gone');
    await client.call('DELETE', '/api/v1/users/me', { token: gone.token });
    expect((await register(gone.email, 'somebody_else')).status).toBe(202);
    const mail = await smtp.mail(gone.email, ATTEMPT);
    expect(mail.text).toContain('It was deleted, and holds the address for 7 days');
    expect(mail.text).not.toContain('log in');
  });

  it('is recognised as the same one when it is tried again, with a link that is as good as new', async () => {
    smtp.refuse(true);
    const finn = await client.account('finn');
    await eventually(() => {
      expect(smtp.refused).not.toEqual([]);
      return Promise.resolve();
    });
    smtp.refuse(false);
    const mail = await smtp.mail(finn.email, CONFIRM);
    const [before] = smtp.refused;
    expect(mail.headers['message-id']).toBe(before?.headers['message-id']);
    expect(mail.token).not.toBe(before?.token);
    expect((await verify(mail.token)).status).toBe(204);
    expect(outcome(await verify(before?.token ?? ''))).toEqual(REFUSED);
  }, 60_000);

  it('tells of a login from a new device, and never of a known one or of the registration', async () => {
    const gwen = await client.account('gwen');
    const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
    expect((await login(gwen, firefox)).status).toBe(200);
    const mail = await smtp.mail(gwen.email, DEVICE);
    expect(mail.text).toContain('from the address 127.0.0.1 (Firefox on Linux)');
    expect(mail.link).toBe('');
    expect((await login(gwen, firefox)).status).toBe(200);
    const known = { identifier: gwen.username, password: gwen.password };
    expect((await client.post('/api/v1/auth/login', known)).status).toBe(200);
    await mailing.settled();
    expect(smtp.to(gwen.email, DEVICE)).toHaveLength(1);
    // Another one within the minute is told as well: it may be the one that matters.
    await login(gwen, 'curl/8.5.0');
    await smtp.mail(gwen.email, DEVICE, 2);
  });

  it('tells of a new API key, which somebody else may have made', async () => {
    const ada = await client.account('ada');
    const body = { name: 'a key', scopes: ['posts:read'] };
    expect((await client.post('/api/v1/auth/api-keys', body, ada.token)).status).toBe(201);
    const mail = await smtp.mail(ada.email, KEY);
    expect([mail.recipients, mail.link]).toEqual([[ada.email], '']);
    expect(mail.text).not.toContain('mk_');
  });

  it('holds nothing that a stranger may choose, neither names nor what a device calls itself', async () => {
    const device = '<script>alert(1)</script> You have won: http://evil.example/';
    const email = `victim_${Date.now()}@example.com`;
    const body = {
      ...{ email, username: `evil.example.${Date.now() % 1e6}`, password: 'long enough for this' },
      displayName: '<b>http://evil.example/</b>',
    };
    const headers = { 'user-agent': device };
    expect((await client.post('/api/v1/auth/register', body, undefined, headers)).status).toBe(201);
    const mail = await smtp.mail(email, CONFIRM);
    for (const content of [mail.text, mail.html, JSON.stringify(mail.headers)]) {
      expect(content).not.toContain('evil');
      expect(content).not.toContain('script>');
    }
    expect((await verify(mail.token)).status).toBe(204);
    await client.post('/api/v1/auth/password/forgot', { email });
    const proved = await smtp.mail(email, 'Reset your password');
    expect(proved.text).toContain(`Hello ${body.username},`); // whose it is, now that it is theirs
  });

  it('goes to one address, whatever is given for it', async () => {
    const bad = [
      'eve@example.com\r\nBcc: mallory@example.com',
      'eve@example.com\nSubject: other',
      'eve@example.com, mallory@example.com',
      'Eve <eve@example.com>',
      '"a@b, c"@example.com',
      'jürgen@example.com',
      'eve@exämple.com',
      'eve@example.com\0',
      `${'a'.repeat(250)}@example.com`,
    ];
    for (const [i, email] of bad.entries()) {
      expect(outcome(await register(email, `bad_${i}`))).toEqual([400, 'validation_failed']);
      const forgot = await client.post('/api/v1/auth/password/forgot', { email });
      expect(outcome(forgot)).toEqual([400, 'validation_failed']);
    }
    const long = `${'l'.repeat(64)}@${'d'.repeat(60)}.${'d'.repeat(60)}.example`;
    for (const [i, email] of [`o'neil+tag_${Date.now()}@example.com`, long].entries()) {
      expect((await register(email, `odd_${i}_${Date.now() % 1e6}`)).status).toBe(201);
      const mail = await smtp.mail(email, CONFIRM);
      expect(mail.recipients).toEqual([email]);
      expect((await verify(mail.token)).status).toBe(204);
    }
  });

  it('is given up for an address that the mail server says nobody has', async () => {
    expect((await register('x@nobody.example', `x_${Date.now() % 1e6}`)).status).toBe(201);
    await mailing.deployment.app.log(({ reason }) => reason === 'recipient_refused');
    await mailing.settled();
    const failed = mailing.deployment.app.logs.filter(({ event }) => event === 'job_failed');
    expect(JSON.stringify(failed)).not.toContain('no such user');
  });

  describe('that changes an address', () => {
    const fresh = () => `new_${Math.random().toString(36).slice(2)}@example.com`;

    it('does so when its link is used, and tells the old address', async () => {
      const hugo = await client.account('hugo');
      const other = (await login(hugo, 'node')).body;
      const email = fresh();
      const refused = await askForChange(hugo, email, 'not the password');
      expect([refused.status, refused.body.code]).toEqual([403, 'wrong_password']);
      const asked = await askForChange(hugo, email);
      expect([asked.status, asked.body]).toEqual([202, { status: 'accepted' }]);
      const mail = await smtp.mail(email, CHANGE);
      expect(mail.recipients).toEqual([email]);
      expect(await userOf(hugo)).toEqual({ email: hugo.email, verified: false });
      expect((await verify(mail.token, hugo.token)).status).toBe(204);
      expect(await userOf(hugo)).toEqual({ email, verified: true });
      const notice = await smtp.mail(hugo.email, 'Your e-mail address was changed');
      expect(notice.recipients).toEqual([hugo.email]);
      // The session that did it stays, the others end.
      expect((await client.get('/api/v1/users/me', hugo.token)).body.email).toBe(email);
      await eventually(async () => {
        const answer = await client.get('/api/v1/users/me', other.accessToken);
        expect(answer.status).toBe(401);
      }, 5000);
      const reasons = await mailing.query(
        `SELECT end_reason FROM auth.sessions WHERE user_id = $1 AND ended_at IS NOT NULL`,
        [hugo.id],
      );
      expect(reasons).toEqual([{ end_reason: 'email_changed' }]);
      // The link that was sent to the old address proves nothing any more.
      const [old] = smtp.to(hugo.email, CONFIRM);
      expect(outcome(await verify(old?.token ?? ''))).toEqual(REFUSED);
      const { email: identifier, password } = { ...hugo, email };
      const again = await client.post('/api/v1/auth/login', { identifier, password });
      expect(again.status).toBe(200);
    });

    it('ends the session of the browser as well that used the link', async () => {
      const iris = await client.account('iris');
      const credentials = { identifier: iris.username, password: iris.password };
      const { headers } = await client.post('/api/v1/auth/login?mode=cookie', credentials);
      const cookie = headers.getSetCookie()[0]?.split(';')[0] ?? '';
      const mine = () => client.get('/api/v1/users/me', undefined, { cookie });
      expect((await mine()).status).toBe(200);
      const email = fresh();
      await askForChange(iris, email);
      const { token } = await smtp.mail(email, CHANGE);
      const body = { token };
      const answer = await client.post('/api/v1/auth/email/verify', body, undefined, { cookie });
      expect(answer.status).toBe(204);
      await eventually(async () => expect((await mine()).status).toBe(401), 5000);
    });

    it('does nothing where somebody else has the address, or gets it first', async () => {
      const [ida, jack] = [await client.account('ida'), await client.account('jack')];
      await askForChange(ida, jack.email);
      await mailing.settled();
      expect(smtp.to(jack.email, CHANGE)).toEqual([]);
      const mistaken = fresh();
      await askForChange(ida, mistaken);
      const before = await smtp.mail(mistaken, CHANGE);
      await mailing.aMinutePasses();
      const email = fresh();
      await askForChange(ida, email);
      const { token } = await smtp.mail(email, CHANGE);
      expect(outcome(await verify(before.token))).toEqual(REFUSED); // to an address that is not wanted any more
      await mailing.query(`UPDATE auth.users SET email = $2, email_key = $2 WHERE id = $1`, [
        jack.id,
        email,
      ]);
      expect(outcome(await verify(token))).toEqual([409, 'email_taken']);
      expect(await userOf(ida)).toMatchObject({ email: ida.email });
    });

    it('is good for the address that was asked for last, also at once and by a mail that is late', async () => {
      const lena = await client.account('lena');
      const [mistyped, corrected] = [fresh(), fresh()];
      await askForChange(lena, mistyped);
      const mistake = await smtp.mail(mistyped, CHANGE);
      expect((await askForChange(lena, corrected)).status).toBe(202);
      expect(outcome(await verify(mistake.token))).toEqual(REFUSED);
      const { token } = await smtp.mail(corrected, CHANGE);
      expect(outcome(await verify(mistake.token))).toEqual(REFUSED);

      smtp.refuse(true);
      const late = fresh();
      await askForChange(lena, late);
      const refused = () => smtp.refused.find(({ recipients }) => recipients.includes(late));
      await eventually(() => Promise.resolve(expect(refused()).toBeDefined()));
      await askForChange(lena, corrected);
      smtp.refuse(false);
      await mailing.deployment.app.log(({ reason }) => reason === 'superseded');
      await mailing.settled();
      expect(smtp.to(late)).toEqual([]);
      expect(outcome(await verify(refused()?.token ?? ''))).toEqual(REFUSED);
      // Twice in a minute to the same one: the first link is good still, or again.
      expect(smtp.to(corrected)).toHaveLength(1);
      expect((await verify(token)).status).toBe(204);
      expect(await userOf(lena)).toEqual({ email: corrected, verified: true });
    }, 60_000);

    it('is not sent once the session that asked for it has ended', async () => {
      const kim = await client.account('kim');
      await mailing.query(`UPDATE auth.sessions SET ended_at = now() WHERE user_id = $1`, [kim.id]);
      const email = fresh();
      await askForChange(kim, email);
      await mailing.settled();
      expect(smtp.to(email)).toEqual([]);
      await mailing.deployment.app.log(({ reason }) => reason === 'session_ended');
    });
  });

  it('tells who deleted their account for how long it can be restored, as it is configured', async () => {
    const nora = await client.account('nora');
    await client.call('DELETE', '/api/v1/users/me', { token: nora.token });
    const { text } = await smtp.mail(nora.email, 'Your account was deleted');
    expect(text).toContain('For 7 days it can still be restored');
    expect(text).not.toContain('30 days');
  });

  describe('has pages that its links lead to', () => {
    it.each(['/verify-email', '/reset-password'])('%s', async (path) => {
      const page = await client.get<string>(path);
      expect(page.status).toBe(200);
      expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(page.headers.get('content-security-policy')).toBe(
        "default-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none';script-src 'self';style-src 'self';connect-src 'self';img-src 'self' data:",
      );
      expect(page.headers.get('referrer-policy')).toBe('no-referrer');
      expect(page.text).not.toMatch(/<script>|style=| on[a-z]+=/);
      for (const [, file = ''] of page.text.matchAll(/(?:src|href)="(\/[^"]+)"/g))
        expect([file, (await client.get(file)).status]).toEqual([file, 200]);
    });

    it('and no other files', async () => {
      for (const name of ['link-pages.controller.js', '..%2flink-page-files.js', '%2e%2e'])
        expect((await client.get(`/link-pages/${name}`)).status).toBe(404);
    });
  });

  it('leaves neither tokens nor addresses in a log, whether it was sent or refused', () => {
    const { logs, stderr } = mailing.deployment.app;
    const logged = JSON.stringify(logs) + stderr;
    expect(logged).toContain('"event":"job_failed"');
    for (const { token, recipients } of [...smtp.received, ...smtp.refused])
      for (const secret of [token, ...recipients])
        if (secret !== '') expect(logged).not.toContain(secret);
    expect(logged).not.toContain('x@nobody.example');
  });
});
