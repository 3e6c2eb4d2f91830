// Where absurd is not enough: what would end the program, leave the folder that it is run in, reach for machines of
// others, or compute for ever by right is called in a safe variant, each with its reason. Nothing else is left out.
import type { Type } from "../../interp/syntax/ast.ts";

/** Files and folders that the runner makes in the folder of every program; and names of what is not there. */
export const FILES: Record<string, string | Uint8Array> = {
  a: "one\ntwo\n\nlast", empty: "", "bytes.bin": new Uint8Array([0, 255, 254, 10, 237, 160, 128, 13, 10]),
  "d/inner": "x", "d/e/deep": "y", long: "x".repeat(200_000),
};
const PATHS = [
  '"a"', '"empty"', '"bytes.bin"', '"d"', '"d/e"', '"d/inner"', '"long"', '"gone"', '"gone/under"', '"a/under"',
  '"new"', '""', '"."', '"./d/"', '"a\\0b"', '"\\0"', '"x".repeat(300)', '"d/".repeat(3000)', '"é\\u{202E}"',
  '"é"[0..1]', '" "', '"loop"', '"link"', '"pipe\\n"', "string.from_bytes([255, 254])", '"d/./e"', '"-rf"', '"*"',
];
const ADDRESSES = [
  '"127.0.0.1:0"', '"127.0.0.1:1"', '":0"', '""', '"localhost:0"', '"localhost"', '"127.0.0.1:99999"',
  '"127.0.0.1:-1"', '"[::1]:0"', '"[::1"', '"a\\0b:1"', '"\\0"', '"256.1.1.1:1"', '"127.0.0.1:"',
  '"x".repeat(300) + ":1"', '"0:0"', '"127.0.0.1:1:1"', '"nowhere.invalid:1"', "string.from_bytes([255, 58, 49])",
  '"127.0.0.1: 1"',
];
const NAMES = [
  '"localhost"', '""', '"nowhere.invalid"', '"a".repeat(70) + ".invalid"', '"..invalid"', '"\\0"', '"127.0.0.1"',
  '"[::1]"', "string.from_bytes([255])", '"é.invalid"', '"a.".repeat(200) + "invalid"',
];
const URLS = [
  '""', '"http://127.0.0.1:1/"', '"http://127.0.0.1:99999/"', '"https://127.0.0.1/"', '"http://"', '"http://[::1"',
  '"http://127.0.0.1:1/\\r\\nx: y"', '"ftp://a"', '"http://user:p@127.0.0.1:1/"', '"\\0"',
  '"http://nowhere.invalid/"', '"http://127.0.0.1:1/" + "x".repeat(100000)',
];

type Value = (type: Type) => string;

export const SAFE = {
  /** Texts (`FUNCTION(PARAMETER)`) that take values of their own. */
  values: [
    { where: /^std\.fs: .*\((?!contents|lines|text)\w+\)$/, from: PATHS,
      why: "they write, move and delete: nothing outside the folder of the program" },
    { where: /^std\.net: (?!resolve).*\((?!text)\w+\)$/, from: ADDRESSES, why: "no connection to machines of others" },
    { where: /^std\.net: resolve\(name\)$/, from: NAMES, why: "no question about names of others" },
    { where: /^std\.http\.client: (get|post|request)\(url\)$/, from: URLS, why: "no request to machines of others" },
  ],
  /** Functions with a program of their own, whose exit status is what they were given. */
  alone: [{ where: /^std\.os: exit$/, why: "it ends the program" }],
  /** Receivers whose elements are walked one by one. */
  walks: {
    where: /^std\.core\.range: Range\.(?!len|low|end_of|contains|is_empty|first|last)\w+\(/,
    why: "a walk of 2^63 elements computes for longer than anybody waits, and what computes is not cancelled",
  },
  /** Types of values that no function gives: the syntax does. */
  makers: {
    Nursery: [() => "scope"],
    Task: [
      (value: Value, args: Type[]) => {
        const made = value({ k: "func", params: [], result: args[0]! });
        return `spawn ${made}()`;
      },
    ],
    Channel: [
      () => "channel(0)", () => "channel(1)", () => "channel(-1)", () => "channel(1000)",
      () => "channel(9223372036854775807)",
    ],
  } as Record<string, ((value: Value, args: Type[]) => string)[]>,
};
