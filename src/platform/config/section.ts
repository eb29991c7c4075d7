import { registerAs } from '@nestjs/config';
import { z } from 'zod';

/** What a configuration key says of itself beside its schema; `docs/configuration.md` is made from it. */
declare module 'zod' {
  interface GlobalMeta {
    /** The usual environment name of the key, e.g. `PORT`; a secret may be given as `<env>_FILE` too. */
    env?: string;
    /** Never printed, neither by `config:print` nor in an error. */
    secret?: boolean;
  }
}

/** One section of the configuration: its schema, and the injection key of its checked value. */
export interface Section<S extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  readonly schema: S;
  /** Injection token: `@Inject(httpConfig.KEY) config: ConfigOf<typeof httpConfig>`. */
  readonly KEY: string;
  /** What production demands on top of the schema: key -> reason, empty when all is well. */
  readonly production: (value: z.output<S>) => Record<string, string>;
}

/** The checked value of a section. */
export type ConfigOf<T extends Section> = z.output<T['schema']>;

const sections = new Map<string, Section>();

/**
 * Declares a section of the configuration. Every module calls this once in its `*.config.ts`;
 * importing that file is what makes the section known, so an unknown section is always a mistake.
 *
 * @param shape its keys; a function where they are known only when all files have been imported
 */
export function defineSection<Shape extends z.ZodRawShape>(
  name: string,
  shape: Shape | (() => Shape),
  production: (value: z.output<z.ZodObject<Shape>>) => Record<string, string> = () => ({}),
): Section<z.ZodObject<Shape>> {
  if (sections.has(name)) throw new Error(`configuration section "${name}" is declared twice`);
  const schemaOf = (keys: Shape) => z.strictObject(keys) as unknown as z.ZodObject<Shape>;
  const fixed = typeof shape === 'function' ? undefined : schemaOf(shape);
  const KEY = registerAs(name, () => ({})).KEY.toString();
  const section: Section<z.ZodObject<Shape>> = {
    name,
    KEY,
    production,
    get schema() {
      return fixed ?? schemaOf((shape as () => Shape)());
    },
  };
  sections.set(name, section);
  return section;
}

/** Every declared section, in the order of declaration. */
export function declaredSections(): Section[] {
  return [...sections.values()];
}

/** A leaf key of a section: where it stands, its schema without default wrappers, its meta data. */
export interface Leaf {
  path: string[];
  schema: z.ZodType;
  fallback: unknown;
  meta: z.GlobalMeta;
}

/** Walks the leaf keys of a section; nested objects are walked, records and arrays are leaves. */
export function leavesOf(section: Section): Leaf[] {
  const leaves: Leaf[] = [];
  const walk = (schema: z.ZodType, path: string[]): void => {
    let fallback: unknown;
    let meta: z.GlobalMeta = schema.meta() ?? {};
    let inner = schema;
    for (;;) {
      if (inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault) {
        fallback = inner.def.defaultValue;
        inner = inner.def.innerType as z.ZodType;
      } else if (inner instanceof z.ZodOptional || inner instanceof z.ZodNullable) {
        inner = inner.def.innerType as z.ZodType;
      } else break;
      meta = { ...inner.meta(), ...meta };
    }
    if (inner instanceof z.ZodObject) {
      for (const [key, child] of Object.entries(inner.shape))
        walk(child as z.ZodType, [...path, key]);
    } else leaves.push({ path, schema: inner, fallback, meta });
  };
  walk(section.schema, [section.name]);
  return leaves;
}
