import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';

/** A server that answers as GitHub does, where Mainstay asks it. */
export interface GitHubStub {
  url: string;
  clientId: string;
  clientSecret: string;
  /** Who signs in from now on. */
  user: { id: number; login: string; name: string | null };
  emails: { email: string; primary: boolean; verified: boolean }[];
  /** Answers the API with this status instead. */
  apiStatus: number | undefined;
  /** Who it says that it is in its redirects. */
  issuer: string;
  stop(): Promise<void>;
}

/** What a code was given out for. */
interface Authorization {
  challenge: string;
  redirectUri: string;
}

export async function startGitHubStub(port: number): Promise<GitHubStub> {
  const codes = new Map<string, Authorization>();
  const tokens = new Set<string>();
  const url = `http://127.0.0.1:${port}`;

  const authorize = ({ searchParams: asked }: URL): Answer => {
    const code = randomBytes(10).toString('hex');
    const redirectUri = asked.get('redirect_uri') ?? '';
    const isS256 = asked.get('code_challenge_method') === 'S256';
    const challenge = isS256 ? (asked.get('code_challenge') ?? '') : '';
    codes.set(code, { challenge, redirectUri });
    const back = new URL(redirectUri);
    back.searchParams.set('code', code);
    back.searchParams.set('state', asked.get('state') ?? '');
    back.searchParams.set('iss', stub.issuer);
    return { status: 302, headers: { location: back.href } };
  };

  const exchange = (form: URLSearchParams): Answer => {
    const known = codes.get(form.get('code') ?? '');
    codes.delete(form.get('code') ?? '');
    const challenge = createHash('sha256').update(form.get('code_verifier') ?? '');
    const fits =
      form.get('client_id') === stub.clientId &&
      form.get('client_secret') === stub.clientSecret &&
      known?.redirectUri === form.get('redirect_uri') &&
      known?.challenge === challenge.digest('base64url');
    // GitHub says no with 200.
    if (!fits) return json(200, { error: 'bad_verification_code', error_description: 'No.' });
    const token = `gho_${randomBytes(18).toString('hex')}`;
    tokens.add(token);
    return json(200, { access_token: token, token_type: 'bearer', scope: 'read:user,user:email' });
  };

  const api = (path: string, authorization = ''): Answer => {
    if (stub.apiStatus !== undefined) return json(stub.apiStatus, { message: 'Not now.' });
    if (!tokens.has(authorization.replace('Bearer ', ''))) return json(401, { message: 'No.' });
    return json(200, path === '/api/v3/user' ? { ...stub.user, type: 'User' } : stub.emails);
  };

  const answer = async (request: IncomingMessage): Promise<Answer> => {
    const asked = new URL(request.url ?? '/', url);
    if (asked.pathname === '/login/oauth/authorize') return authorize(asked);
    if (asked.pathname.startsWith('/api/v3/user'))
      return api(asked.pathname, request.headers.authorization);
    if (request.method !== 'POST') return json(404, {});
    const chunks = (await request.toArray()) as Buffer[];
    return exchange(new URLSearchParams(Buffer.concat(chunks).toString()));
  };

  const server = createServer((request, response) => {
    void answer(request).then(({ status, headers, body }) => {
      response.writeHead(status, headers).end(body);
    });
  });
  const stub: GitHubStub = {
    url,
    clientId: 'Iv1.mainstay',
    clientSecret: 'a-secret-of-the-client-at-the-stub',
    user: { id: 1, login: 'nobody', name: null },
    emails: [],
    apiStatus: undefined,
    issuer: `${url}/login/oauth`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return stub;
}

interface Answer {
  status: number;
  headers: Record<string, string>;
  body?: string;
}

const json = (status: number, body: object): Answer => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(body),
});
