import type { Answer, Client, Json } from './client.js';

/** As much of a browser as signing in elsewhere takes: cookies and redirects. */
export class OAuthBrowser {
  /** `__Host-oauth=…`, as it is sent to the application; empty without one. */
  cookie = '';
  private readonly foreign = new Map<string, string>();

  /** @param publicUrl where the application says that it is; what goes there goes to the client's address */
  constructor(
    private readonly client: Client,
    private readonly publicUrl: string,
  ) {}

  /** Begins to sign in; keeps the cookie. */
  async begin(path: string, headers: Record<string, string> = {}): Promise<Redirect> {
    const response = await fetch(`${this.client.url}/api/v1/auth/oauth/${path}`, {
      redirect: 'manual',
      headers,
    });
    const text = await response.text();
    this.keep(response.headers);
    const location = response.headers.get('location') ?? '';
    const problem = text.startsWith('{') ? JSON.parse(text) : undefined;
    return { status: response.status, location, problem, headers: response.headers };
  }

  /** Signs in at the provider, until it sends the browser back. @returns path and query of the callback */
  async signIn(url: string): Promise<string> {
    for (let next = url, step = 0; step < 10; step++) {
      if (next.startsWith(this.publicUrl)) return next.slice(this.publicUrl.length);
      const cookies = [...this.foreign].map(([name, value]) => `${name}=${value}`);
      const response = await fetch(next, {
        redirect: 'manual',
        headers: { cookie: cookies.join('; ') },
      });
      for (const line of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        this.foreign.set(name, value);
      }
      const location = response.headers.get('location');
      if (location === null)
        throw new Error(`the provider answers ${response.status}: ${await response.text()}`);
      next = new URL(location, next).href;
    }
    throw new Error('the provider redirects without an end');
  }

  /** Comes back from the provider. */
  async callback(path: string, cookie = this.cookie): Promise<Answer<Json>> {
    const response = await fetch(this.client.url + path, {
      redirect: 'manual',
      headers: cookie === '' ? {} : { cookie },
    });
    const text = await response.text();
    const body = text === '' ? undefined : JSON.parse(text);
    return { status: response.status, headers: response.headers, text, body };
  }

  /** All of it. */
  async all(path: string, headers: Record<string, string> = {}): Promise<Answer<Json>> {
    const { location } = await this.begin(path, headers);
    return this.callback(await this.signIn(location));
  }

  keep(headers: Headers): void {
    const line = headers.getSetCookie().find((set) => set.startsWith('__Host-oauth='));
    if (line !== undefined) this.cookie = line.split(';', 1)[0] ?? '';
  }
}

export interface Redirect {
  status: number;
  location: string;
  /** The body of a refusal. */
  problem: Json;
  headers: Headers;
}
