// The house rules that a script can hold: which room may import which, how a file begins, how long a line is, and words
// that do not belong into a committed file. What breaks a rule is listed with its place, all of it at once.

import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { PLATFORMS, ZIG_VERSION } from "../tools/zig-build/pin.mjs";
import { ROOT } from "./runner/checkout.ts";

const LINE_LENGTH_MAX = 120;

/** Everything git knows or would add: what a clone will hold. */
function committedFiles(): string[] {
  const list = Bun.spawnSync(["git", "ls-files", "--cached", "--others", "--exclude-standard"], { cwd: ROOT });
  if (list.exitCode !== 0) throw new Error(`git ls-files: ${list.stderr.toString()}`);
  return list.stdout.toString().split("\n").filter((path) => path !== "" && existsSync(join(ROOT, path))).sort();
}

const files = committedFiles();
const texts = new Map(files.filter(isText).map((path) => [path, readFileSync(join(ROOT, path), "utf8")]));

function isText(path: string): boolean {
  return /\.(ts|mjs|js|zig|zon|jan|md|json|toml|sh|S|yml|yaml|html|css|py|go|rs|lua|erl|exs?|java)$/.test(path) ||
    /(^|\/)(\.gitignore|\.editorconfig|\.npmrc|LICENSE|with-bun|janus|run)$/.test(path);
}

/** Places in `path` at which `pattern` matches, as `path:line: text`. */
function hits(path: string, pattern: RegExp): string[] {
  const found: string[] = [];
  for (const [index, line] of (texts.get(path) ?? "").split("\n").entries()) {
    if (pattern.test(line)) found.push(`${path}:${index + 1}: ${line.trim().slice(0, 60)}`);
  }
  return found;
}

/** The rooms, left to right; a room may import itself and what stands left of it. */
const ROOMS = [
  /^interp\/syntax\//,
  /^interp\/sema\//,
  /^interp\/eval\//,
  /^interp\/runtime\//,
  /^interp\/[\w.]+\.ts$/, // what the command and tests call
  /^(cli|bench)\//,
];

/** A room's number from the left, -1 for what is in none. */
function roomOf(path: string): number {
  return ROOMS.findIndex((room) => room.test(path));
}

/** Relative imports of a TypeScript file, types too, as paths from the root. */
export function importsOf(path: string, text: string): string[] {
  const found = [...text.matchAll(/\b(?:from|import)\s*\(?\s*["'](\.{1,2}\/[^"']+)["']/g)];
  return found.map((match) => normalize(join(dirname(path), match[1] ?? "")));
}

/** A circle of imports, as the files along it; null when there is none. `graph`: each file with what it imports. */
export function circleIn(graph: ReadonlyMap<string, readonly string[]>): string[] | null {
  const left = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): string[] | null => {
    if (left.has(file)) return null;
    const at = path.indexOf(file);
    if (at >= 0) return [...path.slice(at), file];
    path.push(file);
    for (const target of graph.get(file) ?? []) {
      const circle = visit(target);
      if (circle !== null) return circle;
    }
    path.pop();
    left.add(file);
    return null;
  };
  for (const file of graph.keys()) {
    const circle = visit(file);
    if (circle !== null) return circle;
  }
  return null;
}

describe("imports go one way", () => {
  const sources = files.filter((path) => roomOf(path) >= 0 && /\.(ts|mjs)$/.test(path));

  test("from a room to itself or to its left", () => {
    const wrong: string[] = [];
    for (const path of sources) {
      const from = roomOf(path);
      for (const target of importsOf(path, texts.get(path) ?? "")) {
        const to = roomOf(target);
        const isBuildTool = from === ROOMS.length - 1 && target.startsWith("tools/");
        // A test may take its programs from the test tree; nothing else may.
        const isTestHelper = /\.test\.ts$/.test(path) && target.startsWith("tests/");
        const isManifest = target === "package.json";
        if (to >= 0 ? to > from : !isBuildTool && !isTestHelper && !isManifest) wrong.push(`${path} imports ${target}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test("only the runtime opens the native core", () => {
    const wrong = sources.filter((path) => !path.startsWith("interp/runtime/")).flatMap((path) =>
      hits(path, /["']bun:ffi["']/)
    );
    expect(wrong).toEqual([]);
  });

  test("no file imports in a circle, types included", () => {
    const own = files.filter((path) => /^(interp|cli|bench|tools)\/.*\.(ts|mjs)$/.test(path));
    const graph = new Map(own.map((path) => [path, importsOf(path, texts.get(path) ?? "")]));
    expect(graph.get("interp/sema/rules.ts")).toContain("interp/sema/calls.ts");
    expect(circleIn(graph)).toBeNull();
  });

  test("the search for circles finds them", () => {
    const graph = (...edges: [string, string[]][]) => circleIn(new Map(edges));
    expect(graph(["a", ["b", "c"]], ["b", ["d"]], ["c", ["d"]], ["d", []])).toBeNull();
    expect(graph(["a", ["b"]], ["b", ["c"]], ["c", ["b"]])).toEqual(["b", "c", "b"]);
    expect(graph(["a", ["a"]])).toEqual(["a", "a"]);
  });

  test("the rule sees every form of import", () => {
    const text =
      'import { a } from "../sema/a.ts";\nimport "./b.ts";\nexport * from "./c.ts";\nawait import("../d.ts");';
    expect(importsOf("interp/syntax/x.ts", text)).toEqual([
      "interp/sema/a.ts",
      "interp/syntax/b.ts",
      "interp/syntax/c.ts",
      "interp/d.ts",
    ]);
  });
});

describe("how a file looks", () => {
  const code = [...texts.keys()].filter((path) => /\.(ts|mjs|zig|jan)$/.test(path));

  test(`no line of code is longer than ${LINE_LENGTH_MAX}`, () => {
    // In test programs the expectation stands beside its line, however long both are.
    const isExempt = (path: string) => /\.generated\.|\/testdata\/|^tests\/(acceptance|programs)\//.test(path);
    const ours = code.filter((path) => !isExempt(path));
    const long = ours.flatMap((path) => hits(path, new RegExp(`^.{${LINE_LENGTH_MAX + 1}}`, "u")));
    expect(long).toEqual([]);
  });

  test("a source file says first what it is", () => {
    const headless = code.filter((path) => {
      if (path.endsWith(".jan") && /^tests\/|\/testdata\//.test(path)) return false;
      const first = (texts.get(path) ?? "").split("\n").find((line) => line.trim() !== "" && !line.startsWith("#!"));
      return !/^\s*(\/\/|\/\*|#)/.test(first ?? "");
    });
    expect(headless).toEqual([]);
  });

  test("no default exports, explicit endings of imports", () => {
    const sources = code.filter((path) => /\.(ts|mjs)$/.test(path));
    expect(sources.flatMap((path) => hits(path, /^\s*export default\b/))).toEqual([]);
    const bare = sources.flatMap((path) =>
      importsOf(path, texts.get(path) ?? "").filter((target) => !/\.(ts|mjs|json)$/.test(target)).map((target) =>
        `${path} imports ${target}`
      )
    );
    expect(bare).toEqual([]);
  });

  test("no white space at line ends, no tabs in TypeScript and Zig", () => {
    expect(code.flatMap((path) => hits(path, /[ \t]+$/))).toEqual([]);
    expect(code.filter((path) => !path.endsWith(".jan")).flatMap((path) => hits(path, /\t/))).toEqual([]);
  });
});

describe("words that do not belong here", () => {
  const all = [...texts.keys()].filter((path) => path !== "tests/tidy.test.ts" && path !== "package-lock.json");

  test("nothing is left for later", () => {
    expect(all.flatMap((path) => hits(path, /\b(TODO|FIXME|XXX|HACK)\b/))).toEqual([]);
  });

  test("no path of anybody's machine", () => {
    expect(all.flatMap((path) => hits(path, /(?<![\w.~$}-])\/(home|root|work|opt|Users)\/[A-Za-z0-9_]/))).toEqual([]);
  });

  test("no test is switched off or runs alone", () => {
    const off = /\b(test|it|describe)\.(skip|only|todo|failing)\b/;
    expect(all.filter((path) => path.endsWith(".ts")).flatMap((path) => hits(path, off))).toEqual([]);
  });

  test("the lock file names no registry", () => {
    const lock = texts.get("package-lock.json") ?? "";
    expect(lock).toContain('"lockfileVersion"');
    expect(lock.match(/"resolved": "[a-z+]+:\/\/[^"]*"/g) ?? []).toEqual([]);
  });
});

describe("one place for each version", () => {
  test("Zig: the core asks for the version that zig-build pins", () => {
    const wanted = /\.minimum_zig_version = "([^"]+)"/.exec(texts.get("core/build.zig.zon") ?? "")?.[1];
    expect(wanted).toBe(ZIG_VERSION);
    for (const pin of Object.values(PLATFORMS)) {
      expect(pin.wheel).toContain(`-${ZIG_VERSION}-`);
      expect(pin.archive).toContain(`-${ZIG_VERSION}.`);
    }
  });

  test("every dependency is pinned exactly", () => {
    const { dependencies, devDependencies } = JSON.parse(texts.get("package.json") ?? "{}");
    const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(([, version]) =>
      !/^\d+\.\d+\.\d+$/.test(String(version))
    );
    expect(loose).toEqual([]);
  });

  test("the packages of this repository carry one version", () => {
    const versions = ["package.json", "cli/package.json", "tools/zig-build/package.json"].map((path) =>
      JSON.parse(texts.get(path) ?? "{}").version
    );
    expect(new Set(versions).size).toBe(1);
  });
});
