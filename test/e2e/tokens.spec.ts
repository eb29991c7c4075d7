import { createHmac, createPublicKey, randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  base64url,
  CompactSign,
  decodeJwt,
  decodeProtectedHeader,
  SignJWT,
  type JWTPayload,
} from 'jose';
import { SocketClient } from '../../scripts/socket-client.ts';
import { Client, eventually, type Account } from '../support/client.js';
import { deploy, type Deployment } from '../support/deployment.js';
import { freePort } from '../support/process.js';
import { Signer } from '../support/signer.js';

describe('access tokens', () => {
  let deployment: Deployment;
  let client: Client;
  let ada: Account;
  /** Signs with a key that the deployment knows. */
  let signer: Signer;
  /** Whoever connects here was sent by a token. */
  let trap: Server;
  let trapUrl: string;
  let connections = 0;

  beforeAll(async () => {
    deployment = await deploy();
    client = new Client(deployment.url);
    ada = await client.account('ada');
    signer = await new Signer().enlist(deployment.database);
    const port = await freePort();
    trapUrl = `http://127.0.0.1:${port}`;
    trap = createServer((socket) => {
      connections++;
      socket.destroy();
    });
    await new Promise<void>((resolve) => trap.listen(port, '127.0.0.1', resolve));
    await eventually(() => accepted(signer.sign(own())));
  });
  afterAll(async () => {
    await deployment.stop();
    await new Promise((resolve) => trap.close(resolve));
  });

  const own = () => ({ id: ada.id, sessionId: String(decodeJwt(ada.token)['sid']) });
  const seconds = (n: number) => Math.floor(Date.now() / 1000) + n;
  /** In the process of auth, in that of posts, and on a socket. */
  const refused = async (given: string | Promise<string>) => {
    const token = await given;
    for (const path of ['/api/v1/users/me', '/api/v1/posts/feed']) {
      const answer = await client.get(path, token);
      expect([answer.status, answer.body.code]).toEqual([401, 'invalid_token']);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
      expect(answer.text).not.toMatch(/jose|JWT|stack/);
    }
    const socket = new SocketClient(deployment.url);
    await socket.frame('hello');
    socket.send({ op: 'auth', token });
    expect((await socket.closed).code).toBe(4401);
  };
  const accepted = async (token: string | Promise<string>) => {
    for (const path of ['/api/v1/users/me', '/api/v1/posts/feed'])
      expect((await client.get(path, await token)).status).toBe(200);
  };
  const part = (value: object) => base64url.encode(JSON.stringify(value));
  const payload = () => String(ada.token.split('.')[1]);

  it('are accepted when everything about them is right', async () => {
    await accepted(ada.token);
    await accepted(signer.sign(own()));
  });

  it.each(['none', 'None', 'NONE', 'nOnE', ''])('A1 with the algorithm "%s"', async (alg) => {
    const { kid } = decodeProtectedHeader(ada.token);
    const header = part({ alg, typ: 'at+jwt', kid });
    await refused(`${header}.${payload()}.`);
    await refused(`${header}.${payload()}.${String(ada.token.split('.')[2])}`);
  });

  it('A1 with an empty signature, one of another token, or a changed payload', async () => {
    const [header, , signature] = ada.token.split('.');
    const other = (await client.account('other')).token.split('.')[2];
    await refused(`${header}.${payload()}.`);
    await refused(`${header}.${payload()}`);
    await refused(`${header}.${payload()}.${other}`);
    await refused(`${header}.${part({ ...decodeJwt(ada.token), roles: ['admin'] })}.${signature}`);
  });

  it('A2 signed with HS256 and the public key as the secret, in every form', async () => {
    const { body } = await client.get('/.well-known/jwks.json');
    for (const jwk of body.keys) {
      const key = createPublicKey({ key: jwk, format: 'jwk' });
      const pem = key.export({ type: 'spki', format: 'pem' }).toString();
      const der = key.export({ type: 'spki', format: 'der' });
      for (const alg of ['HS256', 'HS384', 'HS512']) {
        const input = `${part({ alg, typ: 'at+jwt', kid: jwk.kid })}.${payload()}`;
        for (const secret of [pem, pem.trim(), der, JSON.stringify(jwk), jwk.n]) {
          const mac = createHmac(`sha${alg.slice(2)}`, secret)
            .update(input)
            .digest('base64url');
          const answer = await client.get('/api/v1/users/me', `${input}.${mac}`);
          expect(answer.status).toBe(401);
        }
      }
    }
  });

  it.each([
    ...['../../etc/passwd', '/dev/null', "' OR 1=1 --", "'; DROP TABLE auth.signing_keys; --"],
    ...['unknown', randomUUID(), '', 'k'.repeat(2000), '\u0000', '__proto__', 'constructor'],
  ])('A3 with the key id %j', async (kid) => {
    await refused(new Signer().sign(own(), {}, { kid }));
  });

  it('A3 with a key id that is no text, or none', async () => {
    for (const kid of [1, null, {}, ['a'], true]) {
      const header = { alg: 'RS256', typ: 'at+jwt', kid: kid as unknown as string };
      await refused(`${part(header)}.${payload()}.AAAA`);
    }
    await refused(`${part({ alg: 'RS256', typ: 'at+jwt' })}.${payload()}.AAAA`);
  });

  it('A4 that bring or name a key of their own: refused, and nobody fetches it', async () => {
    const forger = new Signer();
    const jwk = createPublicKey(forger.privateKey).export({ format: 'jwk' });
    const kid = String(decodeProtectedHeader(ada.token).kid);
    const url = `${trapUrl}/keys.json`;
    for (const header of [
      { jwk },
      { jku: url },
      { x5u: url },
      { x5c: ['MIIB'] },
      { jku: url, jwk },
    ]) {
      for (const named of [kid, forger.kid, url])
        await refused(forger.sign(own(), {}, { ...header, kid: named }));
    }
    await refused(forger.sign(own(), { iss: trapUrl }));
    expect(connections).toBe(0);
  });

  it('A4 with a critical header that nobody knows, though the signature is right', async () => {
    const claims = new TextEncoder().encode(JSON.stringify(decodeJwt(await signer.sign(own()))));
    const header = { alg: 'RS256', typ: 'at+jwt', kid: signer.kid, crit: ['surprise'] };
    const token = new CompactSign(claims).setProtectedHeader({ ...header, surprise: true });
    await refused(token.sign(signer.privateKey, { crit: { surprise: true } }));
  });

  it('A5 of another issuer, for another audience, of another type, though the signature is right', async () => {
    for (const claims of [
      ...[{ iss: 'someone' }, { iss: '' }, { iss: undefined }, { aud: 'other' }, { aud: [] }],
      ...[
        { aud: undefined },
        { sub: undefined },
        { tid: undefined },
        { tid: 7 },
        { sid: undefined },
      ],
      ...[{ jti: undefined }, { exp: undefined }, { iat: undefined }, { roles: 'admin' }],
    ])
      await refused(signer.sign(own(), claims as JWTPayload));
    for (const typ of ['JWT', 'at', 'id+jwt', 'refresh', ''])
      await refused(signer.sign(own(), {}, { typ }));
    await refused(ada.refreshToken);
  });

  it('A6 expired, or not yet valid; half a minute is forgiven of what begins, nothing of what ends', async () => {
    await refused(signer.sign(own(), { exp: seconds(-1) }));
    await refused(signer.sign(own(), { exp: seconds(-3600), iat: seconds(-7200) }));
    await refused(signer.sign(own(), { nbf: seconds(60) }));
    await accepted(signer.sign(own(), { nbf: seconds(20) }));
    await refused(signer.sign(own(), { exp: 'soon' as unknown as number }));
  });

  it('A6 expired since they were accepted: what was verified once is not believed for longer', async () => {
    const token = await signer.sign(own(), { exp: seconds(8) });
    await accepted(token);
    await eventually(() => refused(token));
  });

  it('A20 a role in a forged token gives nothing, and one that is not in the table neither', async () => {
    await refused(new Signer().sign(own(), { roles: ['admin'] }, { kid: signer.kid }));
    for (const roles of [['root'], ['__proto__'], ['admin '], ['Admin'], []]) {
      const token = await signer.sign(own(), { roles });
      expect((await client.get('/api/v1/admin/keys', token)).status).toBe(403);
    }
  });

  it('A20 a role that is no name is none', async () => {
    for (const roles of [[['admin']], [{ toString: 'admin' }], [null], ['user', 7]])
      await refused(signer.sign(own(), { roles }));
  });

  it('A20 a role in an outdated token gives nothing: it has those of the account now', async () => {
    const { pool } = deployment.database;
    const token = await signer.sign(own(), { roles: ['user', 'admin'] });
    expect((await client.get('/api/v1/admin/keys', token)).status).toBe(200);
    await pool.query(
      `INSERT INTO auth.revocations (kind, subject, roles, expires_at)
       VALUES ('roles', $1, '{user}', now() + interval '1 hour')`,
      [ada.id],
    );
    await eventually(
      async () => expect((await client.get('/api/v1/admin/keys', token)).status).toBe(403),
      5000,
    );
    await accepted(token);
  });

  it('with garbage, other schemes, several headers or none at all', async () => {
    for (const token of ['garbage', 'a.b.c', '.', '..', `${ada.token}x`, ` ${ada.token.slice(5)}`])
      await refused(token);
    await refused(
      await new SignJWT({}).setProtectedHeader({ alg: 'RS256' }).sign(signer.privateKey),
    );
    for (const authorization of [
      'Basic YTpi',
      'Bearer',
      'Bearer ',
      `Token ${ada.token}`,
      ada.token,
    ]) {
      const answer = await client.get('/api/v1/users/me', undefined, { authorization });
      expect([authorization, answer.status]).toEqual([authorization, 401]);
    }
    const none = await client.get('/api/v1/users/me');
    expect([none.status, none.body.code]).toEqual([401, 'unauthenticated']);
  });
});
