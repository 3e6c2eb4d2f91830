// What servers answer, rightly and wrongly, and what the client must make of it: it refuses from a server what
// the server refuses from a client. Each row is a whole connection: the server ends after it.

/** What is answered, and `STATUS "BODY"`, or the name of the error. */
export type Answer = [name: string, answered: string, result: string];

const ok = (fields: string, body = ""): string => `HTTP/1.1 200 OK\r\n${fields}\r\n${body}`;
const chunked = (body: string): string => ok("Transfer-Encoding: chunked\r\n", body);
const HI = '200 "hi"';
const BAD = "BadMessage";

export const RESPONSES: Answer[] = [
  ["a length", ok("Content-Length: 2\r\n", "hi"), HI],
  ["until the end", ok("", "hi"), HI],
  ["chunks", chunked("2\r\nhi\r\n0\r\n\r\n"), HI],
  ["chunks with an extension and a trailer", chunked("2;a\r\nhi\r\n0\r\nA: 1\r\n\r\n"), HI],
  ["no words after the status", "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi", HI],
  ["HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\nhi", HI],
  ["no body by its status", "HTTP/1.1 204 No Content\r\n\r\nhi", '204 ""'],
  ["no body by its status, whatever the length", "HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n", '304 ""'],
  ["an answer before the answer", `HTTP/1.1 100 Continue\r\n\r\n${ok("Content-Length: 2\r\n", "hi")}`, HI],
  ["what comes after the answer is not looked at", ok("Content-Length: 2\r\n", `hi${ok("")}`), HI],
  ["answers before the answer without an end", "HTTP/1.1 100 Continue\r\n\r\n".repeat(30), BAD],
  ["another protocol", "HTTP/1.1 101 Switching Protocols\r\n\r\n", BAD],
  ["nothing", "", BAD],
  ["half a status line", "HTTP/1.1 2", BAD],
  ["half a head", "HTTP/1.1 200 OK\r\nA: 1\r\n", BAD],
  ["no HTTP", "hello\r\n\r\n", BAD],
  ["HTTP/2", "HTTP/2 200 OK\r\n\r\n", BAD],
  ["a status of two digits", "HTTP/1.1 20 OK\r\n\r\n", BAD],
  ["a status of four digits", "HTTP/1.1 2000 OK\r\n\r\n", BAD],
  ["a status with a sign", "HTTP/1.1 +20 OK\r\n\r\n", BAD],
  ["a status below 100", "HTTP/1.1 099 OK\r\n\r\n", BAD],
  ["two blanks before the status", "HTTP/1.1  200 OK\r\n\r\n", BAD],
  ["a bare LF after the status line", "HTTP/1.1 200 OK\nContent-Length: 2\r\n\r\nhi", BAD],
  ["a bare CR in a field", ok("A: 1\rContent-Length: 9\r\nContent-Length: 2\r\n", "hi"), BAD],
  ["a zero byte in a field", ok("A: \0\r\n"), BAD],
  ["a field that goes on in the next line", ok("A: 1\r\n 2\r\n"), BAD],
  ["a blank before the colon", ok("Content-Length : 2\r\n", "hi"), BAD],
  ["two lengths", ok("Content-Length: 2\r\nContent-Length: 3\r\n", "hi!"), BAD],
  ["a list of lengths", ok("Content-Length: 2, 2\r\n", "hi"), BAD],
  ["a length with a sign", ok("Content-Length: +2\r\n", "hi"), BAD],
  ["a length and a coding", ok("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), BAD],
  ["a coding in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", BAD],
  ["another coding", ok("Transfer-Encoding: gzip\r\n", "hi"), "UnknownCoding"],
  ["chunked twice", ok("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"), BAD],
  ["a length that lies: it ends before", ok("Content-Length: 3\r\n", "hi"), BAD],
  ["a length beyond the limit", ok("Content-Length: 101\r\n"), "BodyTooLarge"],
  ["a length that wraps round in 64 bits", ok("Content-Length: 18446744073709551618\r\n", "hi"), "BodyTooLarge"],
  ["a body beyond the limit, until the end", ok("", "b".repeat(300)), "BodyTooLarge"],
  ["a size of a chunk with a sign", chunked("+2\r\nhi\r\n0\r\n\r\n"), BAD],
  ["a size of a chunk that wraps round", chunked("10000000000000002\r\nhi\r\n0\r\n\r\n"), BAD],
  ["a size of a chunk beyond the limit", chunked("fffffff\r\nhi"), "BodyTooLarge"],
  ["a chunk that is longer than its size", chunked("2\r\nhi!\r\n0\r\n\r\n"), BAD],
  ["two other bytes after a chunk", chunked("2\r\nhi!!0\r\n\r\n"), BAD],
  ["a bare LF after a chunk", chunked("2\r\nhi\n0\r\n\r\n"), BAD],
  ["no last chunk", chunked("2\r\nhi\r\n"), BAD],
  ["a trailer that is none", chunked("0\r\nA\r\n\r\n"), BAD],
  ["trailers without an end", chunked(`0\r\n${"A: 1\r\n".repeat(100)}`), "HeadTooLarge"],
  ["fields without an end", `HTTP/1.1 200 OK\r\n${"A: 1\r\n".repeat(100)}`, "HeadTooLarge"],
  ["a status line without an end", `HTTP/1.1 200 ${"O".repeat(500)}`, "TargetTooLong"],
];

/** Asked for with HEAD: there is no body, whatever the fields say. */
export const TO_HEAD: Answer[] = [
  ["HEAD and a length", ok("Content-Length: 2\r\n"), '200 ""'],
  ["HEAD and chunks", chunked(""), '200 ""'],
  ["HEAD and a body that should not be", ok("Content-Length: 2\r\n", "hi"), '200 ""'],
];
