// The rules by which std.http tells one message from the next, turned round.
import type { Mutant } from "./mutant.ts";

const FUZZ: Mutant["tests"] = [["unit", "tests/http/fuzz.test.ts"]];
const RESPONSES: Mutant["tests"] = [["unit", "tests/http/responses.test.ts"]];
const EXAMPLES: Mutant["tests"] = [["unit", "tests/std-examples.test.ts"]];
const GONE: Mutant["tests"] = [["unit", "tests/http/gone.test.ts"]];
const GRACE: Mutant["tests"] = [["programs", "net/http_grace"]];
const WIRE = "std/http/wire.jan";
const SERVER = "std/http/server.jan";
const MESSAGE = "std/http/message.jan";

export const mutants: Mutant[] = [
  {
    name: "a head that is checked for its length is looked at with what follows it", tests: FUZZ,
    file: WIRE, find: "self.head_begins(self.ahead.slice(0, end_at + 4), 0)?",
    replace: "self.head_begins(self.ahead, 0)?",
  },
  {
    name: "a length and a transfer coding go together", tests: FUZZ,
    file: WIRE, find: "if length != null do", replace: "if false do",
  },
  {
    name: "HTTP/1.0 knows transfer codings", tests: FUZZ,
    file: WIRE, find: 'if version == "HTTP/1.0" do', replace: "if false do",
  },
  {
    name: "a header field may be there twice", tests: FUZZ,
    file: MESSAGE, find: "if self.lower.index_of(key, at + key.len) != null do", replace: "if false do",
  },
  {
    name: "a tab is no blank", tests: EXAMPLES,
    file: MESSAGE, find: "while from < to and (value[from] == ' ' or value[from] == 9) do",
    replace: "while from < to and value[from] == ' ' do",
  },
  {
    name: "a name may be without letters", tests: FUZZ,
    file: MESSAGE, find: "if colon == at + 2 or colon == lines.len", replace: "if colon == lines.len",
  },
  {
    name: "what follows a chunk is not looked at", tests: RESPONSES,
    file: WIRE, find: 'if self.exactly_end()? != "\\r\\n" do', replace: 'if self.exactly_end()? == "" do',
  },
  {
    name: "trailers are not looked at", tests: FUZZ,
    file: WIRE, find: 'if let wrong = wrong_in_fields("\\r\\n" + line) do',
    replace: 'if let wrong = wrong_in_fields("") do',
  },
  {
    name: "two Hosts are one", tests: FUZZ,
    file: SERVER, find: 'if come.lower.index_of("\\r\\nhost:", at + 7) != null do', replace: "if false do",
  },
  {
    name: "another expectation is passed over", tests: FUZZ,
    file: SERVER, find: "do fail Refusal.Expectation end", replace: "do return end",
  },
  {
    name: "a server's body may be as long as it likes", tests: RESPONSES,
    file: WIRE,
    find: "if body.bytes > self.limits.body_bytes do fail HttpError.BodyTooLarge end", replace: "",
  },
  {
    name: "a handler that takes too long is waited for", tests: GRACE,
    file: SERVER, find: "            hurry.cancel()\n", replace: "",
  },
  {
    name: "a handler works on for a client that has gone", tests: GONE,
    file: SERVER, find: "conn.cancel_on_disconnect(talk) catch return",
    replace: "if talk.token.is_cancelled() do return end",
  },
  {
    name: "a panic of a handler that is cancelled is lost", tests: GONE,
    file: SERVER, find: "let ended = shield do outcome(task) end", replace: "let ended = outcome(task)",
  },
];
