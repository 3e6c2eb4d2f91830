// zig-build against a small package index on this machine and a made-up core: what it takes, what it refuses.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync } from "node:fs";
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { fetchArchive, fetchWheel } from "./find-zig.mjs";
import { isUnchanged } from "../unchanged.mjs";
import { hashSources, isFresh, libraryPath, seeSources, STAMP, writeStamp } from "./fresh.mjs";
import { proxyFor } from "./http.mjs";
import { pipConfig, readIni } from "./pip-config.mjs";
import { unpackZip } from "./zip.mjs";

const folder = mkdtempSync(join(tmpdir(), "zig-build-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Entry {
  name: string;
  content: string;
  mode: number;
  stored?: boolean;
}

/** A ZIP archive with these entries. */
function zipOf(entries: Entry[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, mode, stored } of entries) {
    const raw = Buffer.from(content);
    const packed = stored === true ? raw : deflateRawSync(raw);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(stored === true ? 0 : 8, 10);
    central.writeUInt32LE(packed.length, 20);
    central.writeUInt32LE(raw.length, 24);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt32LE((mode << 16) >>> 0, 38);
    central.writeUInt32LE(offset, 42);
    parts.push(local, Buffer.from(name), packed);
    directory.push(central, Buffer.from(name));
    offset += 30 + name.length + packed.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, ...directory, end]);
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function scratch(name: string): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  return path;
}

const WHEEL_NAME = "ziglang-9.9.9-py3-none-any.whl";
const wheel = zipOf([
  { name: "ziglang/zig", content: "#!/bin/sh\necho 9.9.9\n", mode: 0o100755 },
  { name: "ziglang/lib/std/std.zig", content: "// std\n", mode: 0o100644, stored: true },
  { name: "ziglang-9.9.9.dist-info/RECORD", content: "", mode: 0o100644 },
]);
const PIN = { wheel: WHEEL_NAME, wheelSha256: sha256(wheel), archive: "zig.tar", archiveSha256: "" };

let server: ReturnType<typeof Bun.serve>;
let archive: Buffer;

beforeAll(() => {
  const tree = scratch("tree/zig-9.9.9");
  writeFileSync(join(tree, "zig"), "#!/bin/sh\necho 9.9.9\n");
  chmodSync(join(tree, "zig"), 0o755);
  const made = Bun.spawnSync(["tar", "-cf", join(folder, "zig.tar"), "-C", join(folder, "tree"), "zig-9.9.9"]);
  expect(made.exitCode).toBe(0);
  archive = readFileSync(join(folder, "zig.tar"));
  PIN.archiveSha256 = sha256(archive);
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === "/html/ziglang/") {
        const link = (name: string) => `<a href="../../files/${name}#sha256=0">${name}</a>`;
        const page = `${link("other.whl")} ${link(WHEEL_NAME)}`;
        return new Response(page, { headers: { "content-type": "text/html" } });
      }
      if (pathname === "/json/ziglang/") {
        const files = [{ filename: WHEEL_NAME, url: `/moved/${WHEEL_NAME}` }];
        return new Response(JSON.stringify({ files }), {
          headers: { "content-type": "application/vnd.pypi.simple.v1+json" },
        });
      }
      if (pathname === "/secret/ziglang/") {
        const isAllowed = request.headers.get("authorization") === `Basic ${btoa("me:p@ss")}`;
        if (!isAllowed) return new Response("", { status: 401 });
        return new Response(`<a href="/files/${WHEEL_NAME}">w</a>`, { headers: { "content-type": "text/html" } });
      }
      if (pathname === "/empty/ziglang/") return new Response("", { headers: { "content-type": "text/html" } });
      if (pathname === `/moved/${WHEEL_NAME}`) return Response.redirect(`/files/${WHEEL_NAME}`, 302);
      if (pathname === `/files/${WHEEL_NAME}`) return new Response(new Uint8Array(wheel));
      if (pathname.endsWith("/zig.tar")) return new Response(new Uint8Array(archive));
      return new Response("", { status: 404 });
    },
  });
});
afterAll(() => server.stop(true));

function configWith(...indexes: string[]) {
  const base = `http://127.0.0.1:${server.port}`;
  return { indexes: indexes.map((path) => base + path), findLinks: [], cert: undefined, proxy: undefined };
}

describe("fetching", () => {
  test("from an index in HTML", async () => {
    const path = await fetchWheel(PIN, scratch("html"), configWith("/html"));
    expect(readFileSync(join(path, "zig"), "utf8")).toContain("9.9.9");
    expect(statSync(join(path, "zig")).mode & 0o111).toBe(0o111);
    expect(statSync(join(path, "lib/std/std.zig")).mode & 0o111).toBe(0);
    expect(existsSync(join(path, "RECORD"))).toBe(false);
  });
  test("from an index in JSON, through a redirect", async () => {
    const path = await fetchWheel(PIN, scratch("json"), configWith("/json"));
    expect(existsSync(join(path, "zig"))).toBe(true);
  });
  test("from an index with a password in its address", async () => {
    const config = configWith("/secret");
    config.indexes = config.indexes.map((index) => index.replace("//", "//me:p%40ss@"));
    expect(existsSync(join(await fetchWheel(PIN, scratch("secret"), config), "zig"))).toBe(true);
  });
  test("from the second index when the first has no such file", async () => {
    const path = await fetchWheel(PIN, scratch("second"), configWith("/gone", "/empty", "/json"));
    expect(existsSync(join(path, "zig"))).toBe(true);
  });
  test("from a folder that pip looks into", async () => {
    const links = scratch("links");
    writeFileSync(join(links, WHEEL_NAME), wheel);
    const path = await fetchWheel(PIN, scratch("linked"), { ...configWith(), findLinks: [links] });
    expect(existsSync(join(path, "zig"))).toBe(true);
  });
  test("another checksum is refused and the file removed", async () => {
    const place = scratch("wrong");
    const pin = { ...PIN, wheelSha256: "0".repeat(64) };
    await expect(fetchWheel(pin, place, configWith("/html"))).rejects.toThrow("not the pinned 0000");
    expect(existsSync(join(place, "zig.whl"))).toBe(false);
    expect(existsSync(join(place, "unpacked"))).toBe(false);
  });
  test("no index has it: every reason is told", async () => {
    const failure = fetchWheel(PIN, scratch("none"), configWith("/gone", "/empty"));
    await expect(failure).rejects.toThrow(/answers 404[^]*does not list ziglang-9\.9\.9/);
  });
  test("the archive of the Zig project", async () => {
    const base = `http://127.0.0.1:${server.port}`;
    const path = await fetchArchive(PIN, scratch("archive-place"), configWith(), base);
    expect(readFileSync(join(path, "zig"), "utf8")).toContain("9.9.9");
    const wrong = fetchArchive({ ...PIN, archiveSha256: "1" }, scratch("archive-wrong"), configWith(), base);
    await expect(wrong).rejects.toThrow("not the pinned 1");
  });
});

describe("pip's configuration", () => {
  const none = { HOME: join(folder, "nobody"), PIP_CONFIG_FILE: "/dev/null" };
  test("the public index by default", () => {
    expect(pipConfig(none).indexes).toEqual(["https://pypi.org/simple"]);
  });
  test("the environment, and several indexes", () => {
    const env = { ...none, PIP_INDEX_URL: "https://a.example/simple/", PIP_EXTRA_INDEX_URL: "https://b.example/s" };
    expect(pipConfig(env).indexes).toEqual(["https://a.example/simple", "https://b.example/s"]);
  });
  test("a file, the environment before it", () => {
    const file = join(scratch("pip"), "pip.conf");
    writeFileSync(file, "[global]\nindex-url = https://file.example/simple\ncert: /ca.pem\n[list]\nproxy = no\n");
    const env = { HOME: none.HOME, PIP_CONFIG_FILE: file };
    expect(pipConfig(env).indexes).toEqual(["https://file.example/simple"]);
    expect(pipConfig(env)).toMatchObject({ cert: "/ca.pem", proxy: undefined });
    expect(pipConfig({ ...env, PIP_INDEX_URL: "https://env.example/" }).indexes).toEqual(["https://env.example"]);
  });
  test("values that go on over lines", () => {
    const settings = new Map<string, string>();
    readIni("[install]\nfind-links =\n    /one\n    /two\n; a comment\n[global]\nTimeout=3\n", settings);
    expect(settings).toEqual(new Map([["find-links", "/one /two"], ["timeout", "3"]]));
  });
  test("no-index means none", () => expect(pipConfig({ ...none, PIP_NO_INDEX: "1" }).indexes).toEqual([]));
});

describe("proxies", () => {
  const url = new URL("https://files.example/x");
  test("by scheme, with pip's own first", () => {
    expect(proxyFor(url, { HTTPS_PROXY: "http://p:1" }, undefined)?.host).toBe("p:1");
    expect(proxyFor(url, { HTTPS_PROXY: "http://p:1" }, "q:2")?.host).toBe("q:2");
    expect(proxyFor(url, { http_proxy: "http://p:1" }, undefined)).toBeUndefined();
  });
  test("NO_PROXY exempts a host and what is below it", () => {
    for (const exempt of ["example", ".example", "files.example", "*"]) {
      expect(proxyFor(url, { HTTPS_PROXY: "http://p:1", NO_PROXY: `x,${exempt}` }, undefined)).toBeUndefined();
    }
    expect(proxyFor(url, { HTTPS_PROXY: "http://p:1", NO_PROXY: "ample" }, undefined)?.host).toBe("p:1");
  });
});

describe("unpacking", () => {
  test("nothing leaves the folder", () => {
    const evil = zipOf([{ name: "ziglang/../../evil", content: "x", mode: 0o100644 }]);
    expect(() => unpackZip(evil, "ziglang/", scratch("evil"))).toThrow("outside its folder");
    expect(existsSync(join(folder, "evil-file"))).toBe(false);
  });
  test("what is no archive, or cut off, is an error", () => {
    expect(() => unpackZip(Buffer.from("hello, not a zip archive"), "", scratch("no"))).toThrow("not a ZIP archive");
    expect(() => unpackZip(wheel.subarray(0, wheel.length - 30), "", scratch("cut"))).toThrow("not a ZIP archive");
  });
});

describe("is the library fresh", () => {
  function fakeCore(name: string): string {
    const core = scratch(name);
    mkdirSync(join(core, "src/deep"), { recursive: true });
    mkdirSync(join(core, "zig-out/lib"), { recursive: true });
    for (const file of ["build.zig", "src/a.zig", "src/deep/b.zig"]) writeFileSync(join(core, file), `// ${file}\n`);
    writeFileSync(libraryPath(core), "library");
    // A minute ago, as in life: the stamp counts whole milliseconds.
    const then = Date.now() / 1000 - 60;
    for (const path of ["build.zig", "src/deep/b.zig", "src/a.zig", "src/deep", "src"]) {
      utimesSync(join(core, path), then, then);
    }
    writeStamp(core, seeSources(core), hashSources(core));
    return core;
  }
  /** Both answers: the quick one may say no where the thorough one says yes, never the other way round. */
  function answers(core: string): { quick: boolean; thorough: boolean } {
    return { quick: isUnchanged(join(core, STAMP), core), thorough: isFresh(core) };
  }
  test("built from these sources", () => {
    expect(answers(fakeCore("same"))).toEqual({ quick: true, thorough: true });
  });
  test("no library, no stamp", () => {
    const core = fakeCore("missing");
    rmSync(join(core, STAMP));
    expect(answers(core)).toEqual({ quick: false, thorough: false });
    rmSync(libraryPath(fakeCore("missing")));
    expect(answers(core)).toEqual({ quick: false, thorough: false });
  });
  test("touched but not changed is fresh", () => {
    const core = fakeCore("touched");
    utimesSync(join(core, "src/a.zig"), 1e9, 1e9);
    expect(answers(core)).toEqual({ quick: false, thorough: true });
    expect(answers(core)).toEqual({ quick: true, thorough: true });
  });
  test("a changed, a new and a removed source", () => {
    for (const change of ["changed", "new", "removed"]) {
      const core = fakeCore(change);
      if (change === "changed") writeFileSync(join(core, "src/deep/b.zig"), "// other\n");
      if (change === "new") writeFileSync(join(core, "src/deep/c.zig"), "// c\n");
      if (change === "removed") rmSync(join(core, "src/deep/b.zig"));
      expect(answers(core)).toEqual({ quick: false, thorough: false });
    }
  });
  test("a library that somebody else put there", () => {
    const core = fakeCore("foreign");
    writeFileSync(libraryPath(core), "another library");
    expect(answers(core)).toEqual({ quick: false, thorough: false });
  });
});
