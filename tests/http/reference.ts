// What a server with the limits of echo.jan must make of the bytes of a connection: a second reading of RFC 9112,
// written as grammar over the whole text where std.http reads piece by piece. The fuzzer compares the two.

/** Stands for an answer that refuses, whatever its status; it is the last. */
export const REFUSED = "refused";

const LINE_BYTES = 100;
const HEAD_BYTES = 300;
const BODY_BYTES = 100;
const EMPTY_LINES = 4;

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const TEXT = "[\\t\\x20-\\x7e\\x80-\\xff]*";
const REQUEST_LINE = new RegExp(`^(${TOKEN}) ([\\x21-\\x7e\\x80-\\xff]+) HTTP/(\\d)\\.(\\d)$`);
const FIELD = new RegExp(`^(${TOKEN}):(${TEXT})$`);
const HOST = /^(?:\[[0-9A-Fa-f:.]*\]|[A-Za-z0-9!$%&'()*+,;=._~-]*)(?::\d*)?$/;
const WHOLE_TARGET = /^https?:\/\/([^/?]+)(.*)$/i;
const SIZE_LINE = new RegExp(`^([0-9A-Fa-f]{1,15})((?:[ \\t]*;${TEXT})?)$`);

type Fields = [name: string, value: string][];

const bare = (value: string): string => value.replace(/^[ \t]+|[ \t]+$/g, "");
const all = (fields: Fields, name: string): string[] => fields.filter(([n]) => n === name).map(([, value]) => value);
const list = (fields: Fields, name: string): string[] =>
  all(fields, name).join(",").split(",").map((part) => bare(part).toLowerCase());

function fieldsOf(lines: string[]): Fields | null {
  const found = lines.map((line) => FIELD.exec(line));
  if (found.includes(null)) return null;
  return found.map((match) => [match![1]!.toLowerCase(), bare(match![2]!)]);
}

const decoded = (path: string): string =>
  path.replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)));

/** The host that a target names, its path and its query. */
function targetOf(method: string, target: string): { host?: string; path: string; query: string } | null {
  let local = target;
  let host: string | undefined;
  if (target === "*") {
    if (method !== "OPTIONS") return null;
  } else if (!target.startsWith("/")) {
    const match = WHOLE_TARGET.exec(target);
    if (match === null || !HOST.test(match[1]!) || match[1]!.startsWith(":")) return null;
    host = match[1]!;
    local = match[2]!.startsWith("/") ? match[2]! : `/${match[2]!}`;
  }
  if (local.includes("#")) return null;
  const mark = local.indexOf("?");
  const path = decoded(mark < 0 ? local : local.slice(0, mark));
  return { ...(host === undefined ? {} : { host }), path, query: mark < 0 ? "" : local.slice(mark + 1) };
}

interface Body {
  body: string;
  rest: string;
}

function chunked(text: string): Body | null {
  let rest = text;
  let body = "";
  let beside = 0;
  const line = (): string | null => {
    const end = rest.indexOf("\r\n");
    if (end < 0) return null;
    const found = rest.slice(0, end);
    rest = rest.slice(end + 2);
    return found;
  };
  for (;;) {
    const match = SIZE_LINE.exec(line() ?? "");
    if (match === null) return null;
    beside += match[2]!.length;
    const size = parseInt(match[1]!, 16);
    if (beside > HEAD_BYTES || body.length + size > BODY_BYTES) return null;
    if (size === 0) break;
    if (rest.length < size + 2 || rest.slice(size, size + 2) !== "\r\n") return null;
    body += rest.slice(0, size);
    rest = rest.slice(size + 2);
  }
  for (;;) {
    const trailer = line();
    if (trailer === null) return null;
    if (trailer === "") return { body, rest };
    beside += trailer.length;
    if (beside > HEAD_BYTES || fieldsOf([trailer]) === null) return null;
  }
}

function bodyOf(fields: Fields, isOld: boolean, rest: string): Body | null {
  const lengths = all(fields, "content-length");
  if (all(fields, "transfer-encoding").length > 0) {
    const isChunked = list(fields, "transfer-encoding").join() === "chunked";
    return isChunked && lengths.length === 0 && !isOld ? chunked(rest) : null;
  }
  if (lengths.length === 0) return { body: "", rest };
  if (lengths.length > 1 || !/^\d{1,15}$/.test(lengths[0]!)) return null;
  const length = Number(lengths[0]);
  if (length > BODY_BYTES || rest.length < length) return null;
  return { body: rest.slice(0, length), rest: rest.slice(length) };
}

/** The answers, as `answersIn` gives them, to all that a client sends before it ends. */
export function answersTo(text: string): string[] {
  const answers: string[] = [];
  let rest = text;
  for (;;) {
    const empty = /^(?:\r\n)*/.exec(rest)![0].length;
    if (empty / 2 > EMPTY_LINES) return [...answers, REFUSED];
    rest = rest.slice(empty);
    if (rest === "") return answers;
    const end = rest.indexOf("\r\n\r\n");
    const [first = "", ...lines] = rest.slice(0, end).split("\r\n");
    if (end < 0 || end > HEAD_BYTES || first.length > LINE_BYTES) return [...answers, REFUSED];
    rest = rest.slice(end + 4);
    const [, method = "", target = "", major, minor] = REQUEST_LINE.exec(first) ?? [];
    const fields = fieldsOf(lines);
    const asked = targetOf(method, target);
    if (major !== "1" || method === "CONNECT" || fields === null || asked === null) return [...answers, REFUSED];
    const isOld = minor === "0";
    const hosts = all(fields, "host");
    if (hosts.length > 1 || (hosts.length === 0 && !isOld) || !hosts.every((host) => HOST.test(host))) {
      return [...answers, REFUSED];
    }
    const read = bodyOf(fields, isOld, rest);
    const isExpected = isOld || all(fields, "expect").length === 0 ||
      list(fields, "expect").every((what) => what === "100-continue");
    if (read === null || !isExpected) return [...answers, REFUSED];
    rest = read.rest;
    const mark = all(fields, "a")[0] ?? "-";
    const said = [method, asked.path, asked.query, asked.host ?? hosts[0] ?? "-", mark, read.body].join("|");
    answers.push(method === "HEAD" ? "200 head" : `200 ${said}`);
    const wanted = list(fields, "connection");
    if (wanted.includes("close") || (isOld && !wanted.includes("keep-alive"))) return answers;
  }
}
