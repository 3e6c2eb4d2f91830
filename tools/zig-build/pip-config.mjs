// Where pip would look for a package: its environment variables and configuration files, read the way pip reads them.
//
// Whoever has set pip up for a mirror, a proxy or a certificate of their own gets Zig's wheel through the same; nobody
// has to tell this tool anything. Follows pip's documentation: environment before files, the user's file before the
// machine's, [install] and [download] beside [global].

import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { PUBLIC_PYPI } from "./pin.mjs";

/**
 * @typedef {object} PipConfig
 * @property {string[]} indexes base addresses of simple indexes, in order
 * @property {string[]} findLinks folders and addresses that hold files themselves
 * @property {string | undefined} cert a PEM bundle to trust
 * @property {string | undefined} proxy
 */

/**
 * The configuration files pip reads, weakest first.
 * @param {NodeJS.ProcessEnv} env
 */
function configFiles(env) {
  if (env.PIP_CONFIG_FILE === "/dev/null") return [];
  const home = env.HOME || homedir();
  const shared = (env.XDG_CONFIG_DIRS || "/etc/xdg").split(":").filter(Boolean).map((dir) => join(dir, "pip/pip.conf"));
  const files = [
    ...shared.reverse(),
    "/etc/pip.conf",
    join(home, ".pip/pip.conf"),
    join(env.XDG_CONFIG_HOME || join(home, ".config"), "pip/pip.conf"),
  ];
  if (env.VIRTUAL_ENV) files.push(join(env.VIRTUAL_ENV, "pip.conf"));
  if (env.PIP_CONFIG_FILE) files.push(env.PIP_CONFIG_FILE);
  return files;
}

/**
 * The settings of one INI text, sections [global], [install] and [download] laid over one another. A value may go on
 * over indented lines, as in Python's configparser.
 * @param {string} text
 * @param {Map<string, string>} into
 */
export function readIni(text, into) {
  let section = "";
  let key = "";
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*[#;]/.test(line)) continue;
    const heading = /^\[([^\]]+)\]/.exec(line);
    if (heading) {
      section = (heading[1] ?? "").trim();
      key = "";
      continue;
    }
    if (section !== "global" && section !== "install" && section !== "download") continue;
    if (/^\s+\S/.test(line) && key !== "") {
      into.set(key, `${into.get(key)} ${line.trim()}`.trim());
      continue;
    }
    const setting = /^([^=:\s][^=:]*?)\s*[=:]\s*(.*)$/.exec(line);
    if (!setting) continue;
    key = (setting[1] ?? "").trim().toLowerCase().replaceAll("_", "-");
    into.set(key, (setting[2] ?? "").trim());
  }
}

/**
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {PipConfig}
 */
export function pipConfig(env = process.env) {
  /** @type {Map<string, string>} */
  const settings = new Map();
  for (const file of configFiles(env)) {
    if (existsSync(file)) readIni(readFileSync(file, "utf8"), settings);
  }
  for (const [name, value] of Object.entries(env)) {
    if (name.startsWith("PIP_") && value) settings.set(name.slice(4).toLowerCase().replaceAll("_", "-"), value);
  }
  /** @param {string} name */
  const words = (name) => (settings.get(name) ?? "").split(/\s+/).filter(Boolean);
  const offline = /^(1|true|yes|on)$/i.test(settings.get("no-index") ?? "");
  const indexes = offline ? [] : [...(words("index-url").length > 0 ? words("index-url") : [PUBLIC_PYPI])];
  if (!offline) indexes.push(...words("extra-index-url"));
  return {
    indexes: indexes.map((index) => index.replace(/\/+$/, "")),
    findLinks: words("find-links"),
    cert: settings.get("cert"),
    proxy: settings.get("proxy"),
  };
}
