// A small HTTPS client for one big file: follows redirects, goes through the proxy and trusts the certificates that
// pip, npm or the environment name, and reports how far it is.
//
// It stands on node:https and not on fetch() because Node 20's fetch knows neither proxies nor extra certificates.

import { readFileSync, statSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import tls from "node:tls";

const IDLE_TIMEOUT_MS = 60_000;
const REDIRECTS_MAX = 5;

/**
 * Everything trusted: Node's own list and every bundle that the configuration names.
 * @param {(string | undefined)[]} bundles paths of PEM files
 */
function trusted(bundles) {
  const own = [...tls.rootCertificates];
  for (const path of bundles) {
    if (!path) continue;
    try {
      if (statSync(path).isFile()) own.push(readFileSync(path, "utf8"));
    } catch {
      // A bundle that cannot be read is no reason to stop: if it was needed, the TLS handshake says so.
    }
  }
  return own;
}

/**
 * The proxy for `url`, or undefined; NO_PROXY exempts hosts and their subdomains.
 * @param {URL} url
 * @param {NodeJS.ProcessEnv} env
 * @param {string | undefined} configured pip's own setting, which goes first
 */
export function proxyFor(url, env, configured) {
  const exempt = (env.NO_PROXY ?? env.no_proxy ?? "").split(",").map((name) => name.trim().replace(/^\*?\./, ""));
  if (exempt.some((name) => name === "*" || (name !== "" && `.${url.hostname}`.endsWith(`.${name}`)))) return undefined;
  const secure = url.protocol === "https:";
  const named = secure
    ? (configured ?? env.HTTPS_PROXY ?? env.https_proxy ?? env.npm_config_https_proxy)
    : (configured ?? env.http_proxy);
  const chosen = named || env.ALL_PROXY || env.all_proxy || env.npm_config_proxy;
  if (!chosen) return undefined;
  return new URL(/^[a-z]+:\/\//i.test(chosen) ? chosen : `http://${chosen}`);
}

/** @param {URL} url */
function basicAuth(url) {
  if (url.username === "") return undefined;
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return `Basic ${Buffer.from(pair).toString("base64")}`;
}

/**
 * A TLS connection to `url` through an HTTP proxy.
 * @param {URL} url @param {URL} proxy @param {string[]} ca
 * @returns {Promise<tls.TLSSocket>}
 */
function tunnel(url, proxy, ca) {
  return new Promise((resolve, reject) => {
    const auth = basicAuth(proxy);
    const target = `${url.hostname}:${url.port || 443}`;
    const request = http.request({
      host: proxy.hostname,
      port: proxy.port || 80,
      method: "CONNECT",
      path: target,
      headers: { host: target, ...(auth ? { "proxy-authorization": auth } : {}) },
    });
    request.setTimeout(IDLE_TIMEOUT_MS, () => request.destroy(new Error("the proxy does not answer")));
    request.on("error", (error) => {
      reject(new Error(`${url.host}, through the proxy ${proxy.host}: ${messageOf(error)}`));
    });
    request.on("connect", (response, socket) => {
      if (response.statusCode !== 200) {
        reject(new Error(`${url.host}: the proxy ${proxy.host} answers ${response.statusCode}`));
        return;
      }
      const secured = tls.connect({ socket, servername: url.hostname, ca }, () => resolve(secured));
      secured.on("error", reject);
    });
    request.end();
  });
}

/** @param {unknown} error */
export function messageOf(error) {
  if (!(error instanceof Error)) return String(error);
  const code = /** @type {{ code?: string }} */ (error).code;
  return error.message || code || error.name;
}

/**
 * GETs `address` and gives the response, its body not yet read.
 * @param {string} address
 * @param {{ accept?: string, cert?: string | undefined, proxy?: string | undefined }} [options]
 * @returns {Promise<{ response: import("node:http").IncomingMessage, url: URL }>}
 */
export async function open(address, options = {}) {
  const env = process.env;
  const ca = trusted([options.cert, env.SSL_CERT_FILE, env.REQUESTS_CA_BUNDLE, env.npm_config_cafile]);
  let url = new URL(address);
  let auth = basicAuth(url);
  for (let redirects = 0; redirects <= REDIRECTS_MAX; redirects += 1) {
    const response = await get(url, auth, ca, options);
    const status = response.statusCode ?? 0;
    if (status >= 300 && status < 400 && response.headers.location) {
      response.resume();
      const next = new URL(response.headers.location, url);
      // A password is for the host it was given for.
      if (next.host !== url.host) auth = basicAuth(next);
      const isWeaker = url.protocol === "https:" && next.protocol !== "https:";
      if (isWeaker) throw new Error(`${url.host} redirects to plain HTTP`);
      url = next;
      continue;
    }
    if (status !== 200) {
      response.resume();
      throw new Error(`${url.host} answers ${status}`);
    }
    return { response, url };
  }
  throw new Error(`${url.host} redirects for ever`);
}

/**
 * @param {URL} url @param {string | undefined} auth @param {string[]} ca
 * @param {{ accept?: string, proxy?: string | undefined }} options
 * @returns {Promise<import("node:http").IncomingMessage>}
 */
async function get(url, auth, ca, options) {
  const proxy = proxyFor(url, process.env, options.proxy);
  const secure = url.protocol === "https:";
  /** @type {import("node:https").RequestOptions} */
  const request = {
    hostname: url.hostname,
    port: url.port || (secure ? 443 : 80),
    path: url.pathname + url.search,
    ca,
    headers: {
      accept: options.accept ?? "*/*",
      "user-agent": "janus-zig-build",
      ...(auth ? { authorization: auth } : {}),
    },
  };
  if (proxy && secure) {
    const socket = await tunnel(url, proxy, ca);
    request.createConnection = () => socket;
  } else if (proxy) {
    Object.assign(request, { hostname: proxy.hostname, port: proxy.port || 80, path: url.href });
    request.headers = { ...request.headers, host: url.host };
  }
  return new Promise((resolve, reject) => {
    const pending = (secure ? https : http).request(request, resolve);
    pending.setTimeout(IDLE_TIMEOUT_MS, () => pending.destroy(new Error(`${url.host} does not answer`)));
    pending.on("error", (error) => reject(new Error(`${url.host}: ${messageOf(error)}`)));
    pending.end();
  });
}

/**
 * The whole body as text; for an index page, so bounded.
 * @param {string} address @param {Parameters<typeof open>[1]} [options]
 */
export async function getText(address, options) {
  const { response, url } = await open(address, options);
  const chunks = [];
  let length = 0;
  for await (const chunk of response) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > 64e6) throw new Error(`${url.host} sends an index without end`);
  }
  return { text: Buffer.concat(chunks).toString("utf8"), type: response.headers["content-type"] ?? "", url };
}
