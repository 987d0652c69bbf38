// Refuses exported declarations without a doc comment, and public methods of exported classes that take
// two arguments or more without one (a name explains one argument, seldom two; the time, `nowMs`, does
// not count). What a class implements is documented at the interface.
//
//   node scripts/check-docs.mjs [root]
import { pathToFileURL } from "node:url";
import { ROOT, listSources } from "./lib/repository.mjs";
import { readSource } from "./lib/source.mjs";

const MIN_DOCUMENTED_PARAMETERS = 2;

/** All violations as `file:line message`. */
export function checkDocs(root) {
  const problems = [];
  for (const path of listSources(root)) {
    const source = readSource(root, path);
    for (const { name, offset } of listUndocumented(source)) {
      problems.push(`${path}:${source.lineAt(offset)} ${name} has no doc comment`);
    }
  }
  return problems;
}

function* listUndocumented(source) {
  const documented = new Set();
  for (const statement of source.program.body) {
    const declaration = declarationOf(statement);
    if (declaration === undefined) continue;
    const name = nameOf(declaration);
    // Of several overloads, one comment on the first serves all.
    if (hasDocComment(source, statement)) documented.add(name);
    else if (!documented.has(name)) yield { name, offset: statement.start };
    if (isClassOnItsOwn(declaration)) yield* listUndocumentedMethods(source, declaration);
  }
}

function isClassOnItsOwn(declaration) {
  return declaration.type === "ClassDeclaration" && (declaration.implements ?? []).length === 0;
}

function* listUndocumentedMethods(source, declaration) {
  const documented = new Set();
  for (const member of declaration.body.body) {
    if (!isPublicMethod(member)) continue;
    const name = member.key.name ?? member.key.value;
    if (hasDocComment(source, member)) documented.add(name);
    else if (!documented.has(name) && countParameters(member) >= MIN_DOCUMENTED_PARAMETERS) {
      yield { name: `${declaration.id.name}.${name}`, offset: member.start };
    }
  }
}

function countParameters(member) {
  return member.value.params.filter((parameter) => parameter.name !== "nowMs").length;
}

function isPublicMethod(member) {
  if (member.type !== "MethodDefinition" || member.kind !== "method") return false;
  if (member.override || member.computed || member.key.type === "PrivateIdentifier") return false;
  return member.accessibility === null || member.accessibility === "public";
}

function declarationOf(statement) {
  const isExport =
    statement.type === "ExportNamedDeclaration" || statement.type === "ExportDefaultDeclaration";
  return isExport ? (statement.declaration ?? undefined) : undefined;
}

function nameOf(declaration) {
  if (declaration.id) return declaration.id.name;
  const first = declaration.declarations?.[0];
  return first?.id?.name ?? "the default export";
}

function hasDocComment(source, node) {
  const before = source.comments.findLast((comment) => comment.end <= node.start);
  if (before === undefined || before.type !== "Block" || !before.value.startsWith("*"))
    return false;
  return source.text.slice(before.end, node.start).trim() === "";
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const problems = checkDocs(process.argv[2] ?? ROOT);
  for (const problem of problems) console.log(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
