import { z } from 'zod';
import { defineSection, type ConfigOf } from '../../../platform/config/section.js';

/** Without query and fragment; what is appended to it begins with a slash. */
const address = z
  .string()
  .regex(/^https?:\/\/[^\s?#]+$/, 'expected an address, e.g. https://accounts.example.com')
  .transform((url) => url.replace(/\/+$/, ''));

interface Client {
  clientId?: string | undefined;
  clientSecret?: string | undefined;
}

/** Half a client is a mistake everywhere, not only in production. */
const whole =
  (env: string) =>
  ({ value, issues }: z.core.ParsePayload<Client>): void => {
    const { clientId, clientSecret } = value;
    if ((clientId === undefined) === (clientSecret === undefined)) return;
    const [key, variable] =
      clientId === undefined
        ? ['clientId', `${env}_CLIENT_ID`]
        : ['clientSecret', `${env}_CLIENT_SECRET`];
    const message = `required where the other half of the client is set (${variable})`;
    issues.push({ code: 'custom', input: value, path: [key], message });
  };

const client = (provider: string, env: string) => ({
  clientId: z
    .string()
    .min(1)
    .optional()
    .meta({
      env: `${env}_CLIENT_ID`,
      description: `The client that is registered with ${provider}. Without it nobody signs in there.`,
    }),
  clientSecret: z
    .string()
    .min(1)
    .optional()
    .meta({
      env: `${env}_CLIENT_SECRET`,
      secret: true,
      description: 'The secret of that client.',
    }),
});

/** Signing in with an account elsewhere. */
export const oauthConfig = defineSection(
  'oauth',
  {
    publicUrl: address.optional().meta({
      env: 'PUBLIC_URL',
      description:
        'Where the API is reached from outside. Register `<publicUrl>/api/v1/auth/oauth/<provider>/callback` with the provider. Without it: http://localhost and the port.',
    }),
    google: z
      .strictObject({
        ...client('Google', 'GOOGLE'),
        issuer: address.default('https://accounts.google.com').meta({
          description: 'Any issuer of OpenID Connect does.',
        }),
      })
      .check(whole('GOOGLE'))
      .prefault({}),
    github: z
      .strictObject({
        ...client('GitHub', 'GITHUB'),
        authorizationUrl: address
          .default('https://github.com/login/oauth/authorize')
          .meta({ description: 'Of GitHub Enterprise: `https://<host>/login/oauth/authorize`.' }),
        tokenUrl: address.default('https://github.com/login/oauth/access_token').meta({
          description: 'Of GitHub Enterprise: `https://<host>/login/oauth/access_token`.',
        }),
        apiUrl: address
          .default('https://api.github.com')
          .meta({ description: 'Of GitHub Enterprise: `https://<host>/api/v3`.' }),
      })
      .check(whole('GITHUB'))
      .prefault({}),
  },
  demandsOfProduction,
);
export type OAuthConfig = ConfigOf<typeof oauthConfig>;

interface Addresses {
  publicUrl?: string | undefined;
  google: Client & { issuer: string };
  github: Client & { authorizationUrl: string; tokenUrl: string; apiUrl: string };
}

/** Codes and tokens never travel in the clear. */
function demandsOfProduction({ publicUrl, google, github }: Addresses): Record<string, string> {
  const reasons: Record<string, string> = {};
  const isUsed = google.clientId !== undefined || github.clientId !== undefined;
  if (isUsed && publicUrl === undefined)
    reasons['publicUrl'] = 'required in production to sign in elsewhere (PUBLIC_URL)';
  const urls = {
    publicUrl,
    'google.issuer': google.issuer,
    'github.authorizationUrl': github.authorizationUrl,
    'github.tokenUrl': github.tokenUrl,
    'github.apiUrl': github.apiUrl,
  };
  for (const [key, url] of Object.entries(urls))
    if (url?.startsWith('http:')) reasons[key] = 'must be https in production';
  return reasons;
}

/** @param port that the server listens on, where no address is configured */
export function callbackUrl(config: OAuthConfig, port: number | undefined, provider: string): URL {
  const local = `http://localhost:${port === undefined || port === 0 ? 3000 : port}`;
  const base = config.publicUrl ?? local;
  return new URL(`${base}/api/v1/auth/oauth/${provider}/callback`);
}
