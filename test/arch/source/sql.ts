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
    const putIn: ts.Node[] = [];
    const text = textOf(node, putIn);
    if (text === undefined) {
      ts.forEachChild(node, visit);
      return;
    }
    if (keywords.test(text) || lowerCase.test(text))
      found.push({ node, text: text.replace(/--[^\n]*/g, '') });
    putIn.forEach(visit);
  };
  visit(file.ast);
  return found;
}

/** @param putIn gets the expressions that a template or a concatenation puts in */
function textOf(node: ts.Node, putIn: ts.Node[]): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node)) {
    putIn.push(...node.templateSpans.map((span) => span.expression));
    return node.head.text + node.templateSpans.map((span) => `?${span.literal.text}`).join('');
  }
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.PlusToken)
    return undefined;
  const parts = [node.left, node.right].map((side) => {
    const text = textOf(side, putIn);
    if (text === undefined) putIn.push(side);
    return text;
  });
  // A sum without a text in it is arithmetic: its operands are looked at by themselves.
  return parts.join('') === '' ? undefined : parts.map((part) => part ?? '?').join('');
}
