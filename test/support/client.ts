import { randomBytes } from 'node:crypto';
import { expect } from '@jest/globals';
import { keepSecret } from './secrets.js';

export interface Answer<T> {
  status: number;
  headers: Headers;
  body: T;
  text: string;
}

export interface CallOptions {
  token?: string | undefined;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** Whatever an answer holds; the tests look at what they expect. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Json = any;

/** A REST client of one deployment. */
export class Client {
  constructor(readonly url: string) {}

  async call<T = Json>(
    method: string,
    path: string,
    options: CallOptions = {},
  ): Promise<Answer<T>> {
    const { token, body, headers, signal } = options;
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(signal && { signal }),
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = text !== '' && response.headers.get('content-type')?.includes('json');
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: (isJson ? JSON.parse(text) : text) as T,
    };
  }

  get<T = Json>(
    path: string,
    token?: string,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> {
    return this.call<T>('GET', path, { token, headers });
  }

  post<T = Json>(
    path: string,
    body: unknown,
    token?: string,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> {
    return this.call<T>('POST', path, { token, body, headers });
  }

  /** All items of a list, page by page. @param path with a query */
  async pages(path: string, token: string): Promise<Json[]> {
    const items: Json[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: Answer<Json> = await this.get(`${path}${cursor && `&cursor=${cursor}`}`, token);
      expect(page.status).toBe(200);
      items.push(...page.body.items);
      cursor = page.body.nextCursor;
    }
    return items;
  }

  /** A new account, logged in. */
  async account(name = 'user', headers: Record<string, string> = {}): Promise<Account> {
    const username = `${name}_${randomBytes(4).toString('hex')}`;
    const password = keepSecret(randomBytes(12).toString('base64url'));
    const email = `${username}@example.com`;
    const answer = await this.post(
      '/api/v1/auth/register',
      { username, email, password },
      undefined,
      headers,
    );
    expect(answer.status).toBe(201);
    const { user, accessToken, refreshToken } = answer.body;
    return { id: user.id, username, email, password, token: accessToken, refreshToken };
  }

  follow(follower: Account, author: Account): Promise<Answer<Json>> {
    return this.call('PUT', `/api/v1/posts/authors/${author.username}/follow`, {
      token: follower.token,
    });
  }

  /** @returns the detail of the new post */
  async write(author: Account, body = 'A post.', more: object = {}): Promise<Json> {
    const answer = await this.post('/api/v1/posts', { body, ...more }, author.token);
    expect(answer.status).toBe(201);
    return answer.body;
  }
}

export interface Account {
  id: string;
  username: string;
  email: string;
  password: string;
  token: string;
  refreshToken: string;
}

/** Waits for a condition of the outside world; the last failure is the reason when it never holds. */
export async function eventually(check: () => Promise<void>, timeoutMs = 30_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}
