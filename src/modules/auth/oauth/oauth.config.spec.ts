import { describe, expect, it } from '@jest/globals';
import { ConfigurationError, loadConfig, valueOf } from '../../../platform/config/load-config.js';
import { callbackUrl, oauthConfig, type OAuthConfig } from './oauth.config.js';

/** What is wrong with a configuration of these variables alone. */
function problems(env: NodeJS.ProcessEnv): string[] {
  try {
    loadConfig(env, '/nonexistent');
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
}
const google = { GOOGLE_CLIENT_ID: 'id', GOOGLE_CLIENT_SECRET: 'hush' };

describe('oauth', () => {
  it('needs nothing', () => {
    expect(problems({})).toEqual([]);
    expect(problems({ NODE_ENV: 'production' })).toEqual([]);
  });

  it('names what is missing of a client', () => {
    const missing = 'required where the other half of the client is set';
    expect(problems({ GOOGLE_CLIENT_ID: 'id' })).toEqual([
      `oauth.google.clientSecret: ${missing} (GOOGLE_CLIENT_SECRET)`,
    ]);
    expect(problems({ GITHUB_CLIENT_SECRET: 'hush' })).toEqual([
      `oauth.github.clientId: ${missing} (GITHUB_CLIENT_ID)`,
    ]);
  });

  it('speaks https in production only', () => {
    const insecure = {
      ...google,
      PUBLIC_URL: 'http://api.example.com',
      MAINSTAY__OAUTH__GOOGLE__ISSUER: 'http://accounts.example.com',
      MAINSTAY__OAUTH__GITHUB__API_URL: 'http://github.example.com/api/v3',
    };
    expect(problems(insecure)).toEqual([]);
    expect(problems({ ...insecure, NODE_ENV: 'production' })).toEqual([
      'oauth.publicUrl: must be https in production',
      'oauth.google.issuer: must be https in production',
      'oauth.github.apiUrl: must be https in production',
    ]);
  });

  it('must be told its address in production', () => {
    expect(problems(google)).toEqual([]);
    expect(problems({ ...google, NODE_ENV: 'production' })).toEqual([
      expect.stringContaining('oauth.publicUrl: required in production'),
    ]);
  });

  it('refuses what is no address, without showing secrets', () => {
    const found = problems({
      ...google,
      PUBLIC_URL: 'api.example.com',
      GITHUB_CLIENT_SECRET: 'hush',
    });
    expect(found).toHaveLength(2);
    expect(found.join()).not.toContain('hush');
  });
});

describe('callbackUrl', () => {
  const of = (env: NodeJS.ProcessEnv, port?: number): string => {
    const config: OAuthConfig = valueOf(loadConfig(env, '/nonexistent'), oauthConfig);
    return callbackUrl(config, port, 'google').href;
  };
  it.each([
    [of({}), 'http://localhost:3000'],
    [of({}, 0), 'http://localhost:3000'],
    [of({}, 8080), 'http://localhost:8080'],
    [of({ PUBLIC_URL: 'https://api.example.com/' }, 8080), 'https://api.example.com'],
    [of({ PUBLIC_URL: 'https://example.com/mainstay' }), 'https://example.com/mainstay'],
  ])('is %s', (url, base) => {
    expect(url).toBe(`${base}/api/v1/auth/oauth/google/callback`);
  });
});
