// Refuses imports that layers.json does not allow: between folders of a package, of Node's modules, of
// third-party packages, and between packages. What core folders may not touch besides (clocks, timers,
// randomness) is refused by oxlint; here it is checked that its list of core folders is complete.
//
//   node scripts/check-layers.mjs [root]
import { existsSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT, listPackages, listSources, readJson } from "./lib/repository.mjs";
import { listImports, readSource } from "./lib/source.mjs";

/** All violations as `file:line message`, in the order of the files. */
export function checkLayers(root) {
  const layers = readJson(join(root, "layers.json"));
  const problems = checkCoreList(root, layers);
  for (const path of listSources(root)) {
    const source = readSource(root, path);
    for (const { specifier, offset } of listImports(source)) {
      const problem = judge(layers, root, path, specifier);
      if (problem !== undefined) problems.push(`${path}:${source.lineAt(offset)} ${problem}`);
    }
  }
  problems.push(...checkPackageFiles(root, layers));
  return problems;
}

function judge(layers, root, path, specifier) {
  if (specifier === undefined) return "imports something that is not a literal";
  const place = placeOf(path);
  if (specifier.startsWith(".")) return judgeRelative(layers, place, path, specifier);
  if (specifier.startsWith("node:")) return judgeNode(layers, place, specifier);
  return judgeBare(layers, root, place, specifier);
}

/** `packages/webrtc/src/sctp/tx/x.ts` lies in package `packages/webrtc`, folder `sctp`. */
function placeOf(path) {
  const [top, name, , ...rest] = path.split("/");
  const packagePath = `${top}/${name}`;
  return { packagePath, sourcePath: `${packagePath}/src`, folder: rest.length > 1 ? rest[0] : "." };
}

function ruleOf(layers, place) {
  const folders = layers[place.sourcePath];
  return folders?.[place.folder] ?? folders?.["*"];
}

function judgeRelative(layers, place, path, specifier) {
  const target = posix.join(dirname(path), specifier);
  const targetPlace = placeOf(target);
  if (!target.startsWith(`${place.sourcePath}/`)) {
    return `imports ${specifier}, outside of its package's src: use the package's name`;
  }
  const apart = (layers.apart ?? []).find(
    (rule) => path.startsWith(`${rule.folder}/`) && target.startsWith(`${rule.neverImports}/`),
  );
  if (apart !== undefined) return `${apart.folder} never imports ${apart.neverImports}`;
  if (layers[place.sourcePath] === undefined || place.folder === targetPlace.folder)
    return undefined;
  const rule = ruleOf(layers, place);
  if (rule === undefined) return `folder ${place.folder} has no row in layers.json`;
  if (rule.may.includes(targetPlace.folder)) return undefined;
  return `${place.folder} may not import ${targetPlace.folder} (layers.json)`;
}

function judgeNode(layers, place, specifier) {
  const rule = ruleOf(layers, place);
  if (layers[place.sourcePath] === undefined) return undefined;
  const allowed = rule?.node ?? [];
  if (allowed.includes(specifier) || allowed.includes("node:*")) return undefined;
  return `${place.folder} may not import ${specifier} (layers.json)`;
}

function judgeBare(layers, root, place, specifier) {
  const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
  if (name.startsWith("@pallas/")) {
    const allowed = layers.packages[place.packagePath] ?? [];
    return allowed.includes(name) ? undefined : `${place.packagePath} may not import ${name}`;
  }
  const manifest = readJson(join(root, place.packagePath, "package.json"));
  const declared = { ...manifest.dependencies, ...manifest.optionalDependencies };
  // What the console bundles at build time is a development dependency of the server around it.
  if (place.packagePath === "packages/studio") Object.assign(declared, manifest.devDependencies);
  return name in declared ? undefined : `imports ${name}, which its package.json does not declare`;
}

/** Directions between packages hold for what package.json declares, too. */
function checkPackageFiles(root, layers) {
  const problems = [];
  for (const path of listPackages(root)) {
    const allowed = layers.packages[path];
    if (allowed === undefined) continue;
    const manifest = readJson(join(root, path, "package.json"));
    for (const name of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) {
      if (name.startsWith("@pallas/") && !allowed.includes(name)) {
        problems.push(`${path}/package.json:1 may not depend on ${name} (layers.json)`);
      }
    }
    if (path === "packages/webrtc" && Object.keys(manifest.dependencies ?? {}).length > 0) {
      problems.push(`${path}/package.json:1 has runtime dependencies; it must have none`);
    }
  }
  return problems;
}

/** Core folders of layers.json and those that oxlint watches must be the same. */
function checkCoreList(root, layers) {
  const configPath = join(root, ".oxlintrc.json");
  if (!existsSync(configPath)) return [".oxlintrc.json:1 is missing"];
  const watched = new Set(
    readJson(configPath)
      .overrides.filter((override) => Array.isArray(override.rules?.["no-restricted-globals"]))
      .flatMap((override) => override.files),
  );
  const problems = [];
  for (const [sourcePath, folders] of Object.entries(layers)) {
    if (!sourcePath.endsWith("/src")) continue;
    for (const [folder, rule] of Object.entries(folders)) {
      const glob = `${sourcePath}/${folder}/**/*.ts`;
      if (rule.core && !watched.has(glob)) problems.push(`.oxlintrc.json:1 does not watch ${glob}`);
      watched.delete(glob);
    }
  }
  for (const glob of watched) problems.push(`.oxlintrc.json:1 watches ${glob}, which is not core`);
  return problems;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const problems = checkLayers(process.argv[2] ?? ROOT);
  for (const problem of problems) console.log(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
