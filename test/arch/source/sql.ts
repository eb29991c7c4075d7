import ts from 'typescript';
import type { SourceFile } from './source-tree.ts';

/** A text of the program that is SQL. */
export interface Sql {
  node: ts.Node;
  /** Without comments; what a template puts in stands as `?`. */
  text: string;
}

const keywords =
  /\b(SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|TRUNCATE|REFERENCES|FROM|JOIN|WHERE|SCHEMA)\b/;
const lowerCase =
  /\b(select\b[^]*\bfrom|insert\s+into|update\b[^]*\bset|delete\s+from|(create|alter|drop)\s+(table|schema|index|view))\b/i;

/** Every text of a file that contains SQL: one entry for one string, template or concatenation. */
export function sqlIn(file: SourceFile): Sql[] {
  const found: Sql[] = [];
  const visit = (node: ts.Node): void => {
    const text = textOf(node);
    if (text === undefined) ts.forEachChild(node, visit);
    else {
      if (keywords.test(text) || lowerCase.test(text))
        found.push({ node, text: text.replace(/--[^\n]*/g, '') });
      if (ts.isTemplateExpression(node)) for (const span of node.templateSpans) visit(span.expression);
    }
  };
  visit(file.ast);
  return found;
}

function textOf(node: ts.Node): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node))
    return node.head.text + node.templateSpans.map((span) => `?${span.literal.text}`).join('');
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    const left = textOf(node.left);
    const right = textOf(node.right);
    return left === undefined && right === undefined ? undefined : `${left ?? '?'}${right ?? '?'}`;
  }
  return undefined;
}
