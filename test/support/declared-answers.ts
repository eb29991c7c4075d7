import { z } from 'zod';
import type { Schema } from './api-document.js';
import type { Answer } from './client.js';

export interface Reference {
  $ref: string;
}

export interface Components {
  components: { schemas: Record<string, Schema> } & Record<string, Record<string, object>>;
}

/** An answer as it stands in the API document. */
export interface DescribedAnswer {
  headers?: Record<string, Reference | { required?: boolean }>;
  content?: Record<string, { schema: Schema }>;
}

/** What the API document says of the answers of a route with one status. */
export interface DeclaredAnswer {
  /** Its headers in lower case, and whether they are always there. */
  headers: Map<string, boolean>;
  /** By content type, what a body of it must be; empty where there is no body. */
  bodies: Map<string, z.ZodType>;
}

/** Finds what a reference within the document means. */
export function resolver({ components }: Components): (value: object) => object {
  return (value) => {
    if (!('$ref' in value)) return value;
    const [kind = '', name = ''] = String(value.$ref).split('/').slice(2);
    const meant = components[kind]?.[name];
    if (!meant) throw new Error(`${String(value.$ref)} is nothing`);
    return meant;
  };
}

/** Reads what a document declares of answers. */
export function answerReader(
  document: Components,
): (responses: Record<string, DescribedAnswer | Reference>) => Map<number, DeclaredAnswer> {
  const deref = resolver(document);
  const schemaOf = (schema: Schema): z.ZodType => {
    const whole = { ...schema, definitions: document.components.schemas };
    const text = JSON.stringify(whole).replaceAll('#/components/schemas/', '#/definitions/');
    return z.fromJSONSchema(JSON.parse(text) as z.core.JSONSchema.JSONSchema, {
      defaultTarget: 'openapi-3.0',
    });
  };
  return (responses) =>
    new Map(
      Object.entries(responses).map(([status, described]) => {
        const { headers = {}, content = {} } = deref(described) as DescribedAnswer;
        const needs = (header: object) =>
          (deref(header) as { required?: boolean }).required === true;
        const answer = {
          headers: new Map(
            Object.entries(headers).map(([name, header]) => [name.toLowerCase(), needs(header)]),
          ),
          bodies: new Map(
            Object.entries(content).map(([type, { schema }]) => [type, schemaOf(schema)]),
          ),
        };
        return [Number(status), answer];
      }),
    );
}

/**
 * What the document does not say of an answer, or says and the answer does not hold.
 *
 * @param common headers that every answer of the server has, of whatever path
 */
export function differences(
  answers: Map<number, DeclaredAnswer>,
  { status, headers, text, body }: Answer<unknown>,
  common: ReadonlySet<string>,
): string[] {
  const declared = answers.get(status);
  if (!declared) return ['the status is not declared'];
  const found: string[] = [];
  for (const name of headers.keys())
    if (!common.has(name) && !declared.headers.has(name))
      found.push(`the header ${name} is not declared`);
  for (const [name, isRequired] of declared.headers)
    if (isRequired && !headers.has(name)) found.push(`the header ${name} is missing`);
  if (text === '') return declared.bodies.size > 0 ? [...found, 'the body is missing'] : found;
  const type = headers.get('content-type')?.split(';', 1)[0] ?? 'nothing';
  const schema = declared.bodies.get(type);
  if (!schema) return [...found, `a body of ${type} is not declared`];
  const { error } = schema.safeParse(body);
  return error ? [...found, `the body: ${z.prettifyError(error)}`] : found;
}
