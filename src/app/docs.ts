import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { projectRoot } from '../platform/config/data-directory.js';
import { version } from '../platform/config/version.js';
import { INTERNAL_KEY_AUTH } from '../platform/security/access.js';
import { INTERNAL_KEY } from '../platform/security/internal-callers.js';
import { SESSION_COOKIE } from '../platform/security/session-cookies.js';
import { describeConventions } from './describe-conventions.js';
import { introduction } from './introduce-api.js';
import type { Role } from './roles.js';

/** Where the generated document is kept; CI fails when it differs from the routes. */
export const openApiFile = join(projectRoot, 'docs/openapi.json');

/** The OpenAPI document of the running routes. */
export function describeApi(app: NestFastifyApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Mainstay')
    .setDescription(introduction)
    .setVersion(version)
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addBearerAuth({
      type: 'http',
      scheme: 'bearer',
      description: 'An access token, or an API key (`mk_…`).',
    })
    .addCookieAuth(SESSION_COOKIE, {
      type: 'apiKey',
      in: 'cookie',
      description:
        'The session of a browser. Writes need `X-CSRF-Token` and a listed `Origin` with it.',
    })
    .addApiKey(
      {
        type: 'apiKey',
        in: 'header',
        name: INTERNAL_KEY,
        description: 'For operators: a key of the instance (`security.internalApiKeys`).',
      },
      INTERNAL_KEY_AUTH,
    )
    .addBasicAuth({
      type: 'http',
      scheme: 'basic',
      description:
        'For operators with a browser: any user, and as password an internal key or a token.',
    })
    .addTag(
      'operations',
      'Of the process that answers. No gateway routes them; all but `/healthz` and `/readyz` are for internal addresses only (`security.internalCidrs`), and to all others do not exist.',
    )
    .build();
  const document = SwaggerModule.createDocument(app, config, {
    autoTagControllers: false, // every route names its tag
    operationIdFactory: (controller, method) =>
      `${controller.replace(/Controller$/, '')}_${method}`,
  });
  return describeConventions(document);
}

/**
 * `/docs` and `/docs/openapi.json`, made when they are first asked for. A process with all routes
 * describes them as they are; one of a split deployment serves the whole API's document from its file.
 */
export function installDocs(app: NestFastifyApplication, role: Role): void {
  const document = (): OpenAPIObject =>
    role === 'all'
      ? describeApi(app)
      : (JSON.parse(readFileSync(openApiFile, 'utf8')) as OpenAPIObject);
  SwaggerModule.setup('docs', app, document, {
    jsonDocumentUrl: 'docs/openapi.json',
    yamlDocumentUrl: 'docs/openapi.yaml',
    customSiteTitle: 'Mainstay API',
  });
}
