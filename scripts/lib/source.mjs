// Reads TypeScript as a syntax tree, for the checks. The parser is the one inside Vite, which the
// tests need anyway.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "vite";

/**
 * @typedef {object} Source
 * @property {string} path relative to the root
 * @property {string} text
 * @property {object} program ESTree with TypeScript nodes; positions are offsets into `text`
 * @property {{type: "Line" | "Block", value: string, start: number, end: number}[]} comments
 * @property {(offset: number) => number} lineAt counts from 1
 */

/** Parses one file; throws an `Error` that names file and place if it is not TypeScript. */
export function readSource(root, path) {
  const text = readFileSync(join(root, path), "utf8");
  const { program, comments, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0].message}`);
  return { path, text, program, comments, lineAt: (offset) => countLines(text, offset) };
}

function countLines(text, end) {
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < end; at = text.indexOf("\n", at + 1)) line++;
  return line;
}

/** Calls `visit(node, parent)` for every node, parents first. */
export function walk(node, visit, parent = undefined) {
  visit(node, parent);
  for (const key in node) {
    const value = node[key];
    if (Array.isArray(value)) {
      for (const item of value) if (isNode(item)) walk(item, visit, node);
    } else if (isNode(value)) {
      walk(value, visit, node);
    }
  }
}

function isNode(value) {
  return typeof value === "object" && value !== null && typeof value.type === "string";
}

/**
 * All that a file imports or re-exports, types and dynamic imports included:
 * `{ specifier, offset }`. A dynamic import of something that is not a literal has the specifier
 * `undefined`.
 */
export function listImports(source) {
  const imports = [];
  walk(source.program, (node) => {
    switch (node.type) {
      case "ImportDeclaration":
      case "ExportAllDeclaration":
      case "ExportNamedDeclaration":
        if (node.source) imports.push({ specifier: node.source.value, offset: node.start });
        break;
      case "ImportExpression":
        imports.push({ specifier: literalOf(node.source), offset: node.start });
        break;
      case "TSImportType":
        imports.push({ specifier: literalOf(node.source ?? node.argument), offset: node.start });
        break;
      case "TSExternalModuleReference":
        imports.push({ specifier: literalOf(node.expression), offset: node.start });
        break;
    }
  });
  return imports;
}

function literalOf(node) {
  if (node?.type === "TSLiteralType") return literalOf(node.literal);
  return node?.type === "Literal" && typeof node.value === "string" ? node.value : undefined;
}
