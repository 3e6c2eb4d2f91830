// Finds the pinned Zig, or fetches it: PATH, then the user's cache folder, then PyPI's `ziglang` wheel (through the
// index, proxy and certificate that pip is set up for), then the Zig project's own archive. What is downloaded is
// checked against the pinned SHA-256 before anything of it is unpacked.
//
// A Zig of another version is never used, and that is said: the language and its library change with each release.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { accessSync, constants, createWriteStream, existsSync, mkdirSync, readFileSync } from "node:fs";
import { readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, isAbsolute, join } from "node:path";
import { pathToFileURL } from "node:url";
import { getText, messageOf, open } from "./http.mjs";
import { PLATFORMS, WHEEL_PROJECT, ZIG_DOWNLOADS, ZIG_VERSION } from "./pin.mjs";
import { pipConfig } from "./pip-config.mjs";
import { megabytes, progressLine, say } from "./progress.mjs";
import { unpackZip } from "./zip.mjs";

/** The folder that holds the Zig this tool fetched, whole or not at all. */
export function cacheFolder(env = process.env) {
  const named = env.XDG_CACHE_HOME;
  const base = named && isAbsolute(named) ? named : join(env.HOME || homedir(), ".cache");
  return join(base, "janus", "zig", ZIG_VERSION);
}

/** What `path version` prints, or null when it does not run. @param {string} path */
function versionOf(path) {
  const probe = spawnSync(path, ["version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  return probe.status === 0 ? probe.stdout.trim() : null;
}

/**
 * The pinned Zig on PATH; every other one found there goes into `refused`.
 * @param {string[]} refused
 */
function zigOnPath(refused) {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    if (folder === "") continue;
    const path = join(folder, "zig");
    try {
      accessSync(path, constants.X_OK);
      if (!statSync(path).isFile()) continue;
    } catch {
      continue;
    }
    const version = versionOf(path);
    if (version === ZIG_VERSION) return path;
    refused.push(`${path} is ${version === null ? "not working" : `Zig ${version}`}, not ${ZIG_VERSION}: not used`);
  }
  return null;
}

/** A Zig already here (PATH or cache), or null. Says which others were passed over. */
export function findZig({ quiet = false } = {}) {
  /** @type {string[]} */
  const refused = [];
  const found = zigOnPath(refused);
  if (!quiet) for (const line of refused) say(line);
  if (found !== null) return found;
  const cached = join(cacheFolder(), "zig");
  if (existsSync(cached) && versionOf(cached) === ZIG_VERSION) return cached;
  return null;
}

/**
 * Downloads to `file`, checks the SHA-256, and leaves nothing behind when it does not match.
 * @param {string} address @param {string} file @param {string} sha256
 * @param {{ cert?: string | undefined, proxy?: string | undefined }} options
 */
async function download(address, file, sha256, options) {
  const { response } = await open(address, options);
  const total = Number(response.headers["content-length"] ?? 0);
  /** @param {number} done @param {number} all */
  const figures = (done, all) => `${megabytes(done)} of ${megabytes(all)} MB`;
  const line = progressLine(`downloading Zig ${ZIG_VERSION}`, figures);
  const hash = createHash("sha256");
  const out = createWriteStream(file);
  let done = 0;
  for await (const chunk of response) {
    hash.update(chunk);
    done += chunk.length;
    line.update(done, total);
    if (!out.write(chunk)) await new Promise((resolve) => out.once("drain", () => resolve(undefined)));
  }
  await new Promise((resolve, reject) => {
    out.on("error", reject);
    out.end(() => resolve(undefined));
  });
  line.done();
  const actual = hash.digest("hex");
  if (actual !== sha256) {
    rmSync(file, { force: true });
    throw new Error(`what was downloaded has the checksum ${actual}, not the pinned ${sha256}`);
  }
}

/**
 * The address of the pinned wheel on one simple index (PEP 691 JSON, or PEP 503 HTML).
 * @param {string} index @param {string} wheel
 * @param {{ cert?: string | undefined, proxy?: string | undefined }} options
 */
async function wheelAddress(index, wheel, options) {
  const accept = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1";
  const { text, type, url } = await getText(`${index}/${WHEEL_PROJECT}/`, { ...options, accept });
  if (type.includes("json")) {
    const files = /** @type {{ files?: { filename: string, url: string }[] }} */ (JSON.parse(text)).files ?? [];
    const file = files.find((one) => one.filename === wheel);
    if (file) return new URL(file.url, url).href;
  } else {
    for (const match of text.matchAll(/<a\b[^>]*\bhref\s*=\s*["']([^"']+)["']/gi)) {
      const target = new URL((match[1] ?? "").replaceAll("&amp;", "&"), url);
      if (decodeURIComponent(target.pathname).endsWith(`/${wheel}`)) return target.href;
    }
  }
  throw new Error(`${url.host} does not list ${wheel}`);
}

/**
 * Takes the wheel from where pip would, and unpacks it.
 * @param {import("./pin.mjs").PlatformPin} pin @param {string} scratch a folder of our own
 * @param {import("./pip-config.mjs").PipConfig} [config]
 * @returns {Promise<string>} the folder that holds `zig` and `lib`
 */
export async function fetchWheel(pin, scratch, config = pipConfig()) {
  const file = join(scratch, "zig.whl");
  const problems = [];
  let have = false;
  for (const place of config.findLinks) {
    const local = join(place.replace(/^file:\/\//, ""), pin.wheel);
    if (!existsSync(local)) continue;
    const actual = createHash("sha256").update(readFileSync(local)).digest("hex");
    if (actual !== pin.wheelSha256) {
      problems.push(`${local} has another checksum than the pinned one`);
      continue;
    }
    return unpackWheel(local, scratch);
  }
  for (const index of config.indexes) {
    try {
      const options = { cert: config.cert, proxy: config.proxy };
      await download(await wheelAddress(index, pin.wheel, options), file, pin.wheelSha256, options);
      have = true;
      break;
    } catch (error) {
      problems.push(`the Python package index ${hostOf(index)}: ${messageOf(error)}`);
    }
  }
  if (!have) throw new Error(problems.join("\n  ") || "pip is configured to use no index (no-index)");
  return unpackWheel(file, scratch);
}

/** An address without the password it may hold. @param {string} address */
function hostOf(address) {
  return URL.canParse(address) ? new URL(address).host : pathToFileURL(address).href;
}

/** @param {string} file @param {string} scratch */
function unpackWheel(file, scratch) {
  const folder = join(scratch, "unpacked");
  const line = progressLine(`unpacking Zig ${ZIG_VERSION}`, (done, total) => `${done} of ${total} files`);
  unpackZip(readFileSync(file), "ziglang/", folder, line.update);
  line.done();
  return folder;
}

/**
 * Takes the Zig project's own archive, and unpacks it.
 * @param {import("./pin.mjs").PlatformPin} pin @param {string} scratch
 * @param {import("./pip-config.mjs").PipConfig} [config] @param {string} [base]
 * @returns {Promise<string>} the folder that holds `zig` and `lib`
 */
export async function fetchArchive(pin, scratch, config = pipConfig(), base = ZIG_DOWNLOADS) {
  const file = join(scratch, pin.archive);
  await download(`${base}/${ZIG_VERSION}/${pin.archive}`, file, pin.archiveSha256, {
    cert: config.cert,
    proxy: config.proxy,
  });
  say(`unpacking ${pin.archive}`);
  const folder = join(scratch, "archive");
  mkdirSync(folder);
  const tar = spawnSync("tar", ["-xf", file, "-C", folder, "--strip-components=1"], { encoding: "utf8" });
  if (tar.status !== 0) {
    throw new Error(`tar (with xz) is needed to unpack ${pin.archive}: ${tar.error?.message ?? tar.stderr.trim()}`);
  }
  return folder;
}

/**
 * The path of the pinned Zig, fetched into the cache folder when it is nowhere yet.
 * @param {{ quiet?: boolean }} [options]
 * @returns {Promise<string>}
 */
export async function ensureZig({ quiet = false } = {}) {
  const found = findZig({ quiet });
  if (found !== null) return found;

  const pin = process.platform === "linux" ? PLATFORMS[process.arch] : undefined;
  if (!pin) {
    throw new Error(`the native core runs on Linux, x86_64 and aarch64; this is ${process.platform} ${process.arch}`);
  }
  const target = cacheFolder();
  const parent = join(target, "..");
  const scratch = join(parent, `.fetch-${process.pid}`);
  const problems = [];
  try {
    try {
      mkdirSync(scratch, { recursive: true });
    } catch (error) {
      throw new Error(`the cache folder cannot be made: ${messageOf(error)} (XDG_CACHE_HOME names another)`);
    }
    say(`Zig ${ZIG_VERSION} is not here yet; fetching it into ${target} (once, about 100 MB)`);
    for (const fetchFrom of [fetchWheel, fetchArchive]) {
      let folder;
      try {
        folder = await fetchFrom(pin, scratch);
      } catch (error) {
        problems.push(messageOf(error));
        continue;
      }
      return install(folder, target);
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  throw new Error(
    `Zig ${ZIG_VERSION}, which builds the native core, is missing and could not be fetched.\n` +
      `  ${problems.join("\n  ")}\n` +
      `  hint: put zig ${ZIG_VERSION} on PATH, or unpack its release into ${target}, or set pip up for a mirror\n` +
      "        (PIP_INDEX_URL), and run `npx zig-build`",
  );
}

/**
 * Moves a complete distribution to its place; if another process was quicker, theirs is as good.
 * @param {string} folder @param {string} target
 */
function install(folder, target) {
  const version = versionOf(join(folder, "zig"));
  if (version !== ZIG_VERSION) throw new Error(`the Zig that was fetched does not run here (it says ${version})`);
  const path = join(target, "zig");
  if (existsSync(target) && versionOf(path) !== ZIG_VERSION) {
    say(`replacing a damaged copy in ${target}`);
    rmSync(target, { recursive: true, force: true });
  }
  try {
    renameSync(folder, target);
  } catch (error) {
    if (!existsSync(target) || readdirSync(target).length === 0 || versionOf(path) !== ZIG_VERSION) throw error;
  }
  return path;
}
