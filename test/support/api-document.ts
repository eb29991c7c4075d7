import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  answerReader,
  resolver,
  type Components,
  type DeclaredAnswer,
  type DescribedAnswer,
  type Reference,
} from './declared-answers.js';
import { root } from './process.js';

/** A part of a JSON schema, as far as samples need it. */
export interface Schema {
  $ref?: string;
  type?: string;
  format?: string;
  enum?: unknown[];
  const?: unknown;
  example?: unknown;
  default?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  items?: Schema;
  minItems?: number;
  properties?: Record<string, Schema>;
  required?: string[];
  minimum?: number;
  minLength?: number;
}

/** A route, as the API document describes it. */
export interface Operation {
  method: string;
  path: string;
  /** `public`, or the permission that it asks for. */
  permission: string;
  /** The statuses that it may answer. */
  statuses: number[];
  /** What it may answer, by status. */
  answers: Map<number, DeclaredAnswer>;
  /** The headers that it takes. */
  takes: string[];
  /** The areas of the API that it is of. */
  tags: string[];
  description: string;
  /** A body that its schema takes; undefined where it has none. */
  body: unknown;
}

interface Described {
  'x-permission'?: string;
  tags?: string[];
  description?: string;
  parameters?: (Reference | { in: string; name: string })[];
  responses: Record<string, DescribedAnswer>;
  requestBody?: { content: Record<string, { schema: Schema }> };
}

interface Document extends Components {
  info: { description: string };
  paths: Record<string, Record<string, Described>>;
}

/** The generated document, as it stands in the repository. */
export function apiDocument(): Document {
  return JSON.parse(readFileSync(join(root, 'docs/openapi.json'), 'utf8')) as Document;
}

/** Every route of the generated document (`npm run docs:check` sees that it is true). */
export function operationsOfApi(): Operation[] {
  const document = apiDocument();
  const sample = sampler(document.components.schemas);
  const answersOf = answerReader(document);
  const deref = resolver(document);
  return Object.entries(document.paths).flatMap(([path, verbs]) =>
    Object.entries(verbs).map(([method, described]) => {
      const schema = described.requestBody?.content['application/json']?.schema;
      return {
        method: method.toUpperCase(),
        path,
        permission: described['x-permission'] ?? 'nothing is said',
        statuses: Object.keys(described.responses).map(Number),
        answers: answersOf(described.responses),
        takes: (described.parameters ?? [])
          .map((parameter) => deref(parameter) as { in: string; name: string })
          .filter((parameter) => parameter.in === 'header')
          .map(({ name }) => name),
        tags: described.tags ?? [],
        description: described.description ?? '',
        body: schema && sample(schema),
      };
    }),
  );
}

const ofFormat: Record<string, string> = {
  uuid: '01a1f7f8-2192-738f-963f-5c71fa5dbbc5',
  email: 'somebody@example.com',
  'date-time': '2026-01-01T00:00:00.000Z',
  uri: 'https://example.com/',
};

/** Makes the smallest value that a schema takes. */
function sampler(components: Record<string, Schema>): (schema: Schema) => unknown {
  const sample = (schema: Schema): unknown => {
    if (schema.$ref) return sample(components[schema.$ref.split('/').at(-1) ?? ''] ?? {});
    if (schema.example !== undefined) return schema.example;
    if ('const' in schema) return schema.const;
    if (schema.enum) return schema.enum[0];
    const [choice] = schema.anyOf ?? schema.oneOf ?? schema.allOf ?? [];
    if (choice) return sample(choice);
    switch (schema.type) {
      case 'object': {
        // Of a change in which nothing is required: something, or it would be no change.
        const some = Object.keys(schema.properties ?? {}).slice(0, 1);
        const names = schema.required?.length ? schema.required : some;
        const of = (name: string) => [name, sample(schema.properties?.[name] ?? {})] as const;
        return Object.fromEntries(names.map(of));
      }
      case 'array':
        return schema.minItems ? [sample(schema.items ?? {})] : [];
      case 'integer':
      case 'number':
        return schema.minimum ?? 1;
      case 'boolean':
        return true;
      case undefined:
      default:
        return ofFormat[schema.format ?? ''] ?? 'sample text'.padEnd(schema.minLength ?? 0, '.');
    }
  };
  return sample;
}
