import { at, type Rule, type Violation } from '../rule.ts';
import { floorOf, moduleOf } from '../source/layout.ts';
import type { SourceFile } from '../source/source-tree.ts';
import { sqlIn, type Sql } from '../source/sql.ts';

const ofPlatform = ['platform', 'jobs'];

/**
 * SQL names tables of its own schema only: in modules/posts `posts.…`, in the platform `platform.…`
 * and `jobs.…`, in the app none. That leaves no foreign key, join or write across schemas. Where
 * PostgreSQL would otherwise look a table up by the search path (INSERT INTO, DELETE FROM, REFERENCES,
 * CREATE and ALTER TABLE), the schema is written out, and the path itself is never set.
 *
 * What is checked is the text of strings and templates with SQL in them, joined where `+` joins them;
 * not what is put into a template.
 */
export const ownSchema: Rule = (tree) => {
  const all = [...tree.modules, ...ofPlatform];
  return tree.sources.flatMap((file) => {
    const own = ownSchemasOf(file.path);
    const foreign = all.filter((schema) => !own.includes(schema));
    return sqlIn(file).flatMap((sql) => [
      ...namesForeign(file, sql, foreign),
      ...namesNone(file, sql),
    ]);
  });
};

function ownSchemasOf(path: string): string[] {
  const module = moduleOf(path);
  if (module !== undefined) return [module];
  return floorOf(path) === 'platform' ? ofPlatform : [];
}

function namesForeign(file: SourceFile, sql: Sql, foreign: string[]): Violation[] {
  if (foreign.length === 0) return [];
  const names = foreign.join('|');
  const table = new RegExp(`(?<![\\w.$])"?(${names})"?\\s*\\.\\s*"?[a-z_]\\w*"?`, 'gi');
  const schema = new RegExp(`\\bschema\\s+(if\\s+(not\\s+)?exists\\s+)?"?(${names})\\b`, 'gi');
  const found = [table, schema].flatMap((pattern) => [...sql.text.matchAll(pattern)]);
  return [...new Set(found.map(([text]) => text))].map((text) =>
    at(
      file,
      sql.node,
      `names ${text} in SQL, which belongs to somebody else: ask its owner through a contract, or keep what you need of it in your own schema.`,
    ),
  );
}

const unqualified =
  /\b(insert\s+into|delete\s+from|references|(?:create|alter)\s+table)\s+(?:if\s+(?:not\s+)?exists\s+)?(?:only\s+)?("?[a-z_]\w*"?)(?!["\w]*\s*\.)/gi;

function namesNone(file: SourceFile, sql: Sql): Violation[] {
  const tables = [...sql.text.matchAll(unqualified)].map(([, , table = '']) =>
    at(file, sql.node, `names the table ${table} without its schema: write it out.`),
  );
  if (!/\bsearch_path\b/i.test(sql.text)) return tables;
  const path = at(
    file,
    sql.node,
    'sets the search path: write the schema before each table instead.',
  );
  return [...tables, path];
}
