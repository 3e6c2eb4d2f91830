// The REPL's loop and history, with a session that only remembers what it was asked.

import { describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HISTORY_LINES_MAX, historyPath, readHistory, writeHistory } from "./history.ts";
import { complete, Loop } from "./loop.ts";

/** Entries end with `;`; the entry `bad;` fails; `void;` has no result. */
function scripted() {
  const evaluated: string[] = [];
  const shown: string[] = [];
  const session = {
    isIncomplete: (text: string) => !text.endsWith(";"),
    async evaluate(text: string) {
      evaluated.push(text);
      if (text === "bad;") return { ok: false, text: "error" };
      return { ok: true, text: text === "void;" ? "" : `= ${text}` };
    },
  };
  const output = { result: (text: string) => shown.push(text), error: (text: string) => shown.push(`! ${text}`) };
  const loop = new Loop(session, output, async (path) => {
    if (path === "lib.jan") return "loaded;";
    throw new Error("gone.jan does not exist");
  });
  return { loop, evaluated, shown };
}

describe("entries", () => {
  test("one a line, results shown, void not", async () => {
    const { loop, shown } = scripted();
    for (const line of ["1;", "", "  ", "void;", "2;"]) await loop.line(line);
    expect(shown).toEqual(["= 1;", "= 2;"]);
    expect(loop.hasFailed).toBe(false);
  });
  test("over several lines, with empty ones inside", async () => {
    const { loop, evaluated } = scripted();
    await loop.line("a");
    expect(loop.isInEntry).toBe(true);
    await loop.line("");
    await loop.line(":quit;");
    expect(evaluated).toEqual(["a\n\n:quit;"]);
    expect(loop.isInEntry).toBe(false);
  });
  test("a failure is remembered, and the session goes on", async () => {
    const { loop, shown } = scripted();
    for (const line of ["bad;", "1;"]) await loop.line(line);
    expect(shown).toEqual(["! error", "= 1;"]);
    expect(loop.hasFailed).toBe(true);
  });
  test("thrown away, or evaluated at the end of the input", async () => {
    const { loop, evaluated } = scripted();
    await loop.line("a");
    loop.discard();
    await loop.end();
    expect(evaluated).toEqual([]);
    await loop.line("b");
    await loop.end();
    expect(evaluated).toEqual(["b"]);
  });
});

describe("commands", () => {
  test("load a file, or say why not", async () => {
    const { loop, shown } = scripted();
    for (const line of [":load lib.jan", ":load gone.jan", ":load"]) await loop.line(line);
    expect(shown).toEqual(["= loaded;", "! gone.jan does not exist", "! :load needs a file"]);
  });
  test("help, quit and what is neither", async () => {
    const { loop, shown } = scripted();
    for (const line of [":help", ":what", ":quit"]) await loop.line(line);
    expect(shown[0]).toContain(":load FILE");
    expect(shown[1]).toBe("! there is no command :what; :help lists them");
    expect(loop.hasEnded).toBe(true);
  });
});

test("words of other prompts are answered with the command; a name of the session's own is what it is", async () => {
  const shown: string[] = [];
  const session = {
    isIncomplete: () => false,
    evaluate: async (text: string) => ({ ok: text.startsWith("clear"), text: `no name ${text}` }),
  };
  const note = (text: string) => shown.push(text);
  const loop = new Loop(session, { result: note, error: note }, async () => "");
  for (const line of ["exit", "quit()", "help", "clear()", "exits"]) await loop.line(line);
  const leave = "`:quit` leaves the session, as Ctrl-D does";
  expect(shown).toEqual([leave, leave, "`:help` lists the commands", "no name clear()", "no name exits"]);
});

test("completion continues the last word", () => {
  const names = ["println", "print", "parse"];
  expect(complete("let x = pri", names)).toEqual([["print", "println"], "pri"]);
  expect(complete("x.", names)).toEqual([[], ""]);
  expect(complete(":l", names)).toEqual([[":load "], ":l"]);
});

describe("history", () => {
  test("the newest first, bounded, one file", () => {
    const folder = mkdtempSync(join(tmpdir(), "janus-history-"));
    const path = join(folder, "state/janus/history");
    expect(readHistory(path)).toEqual([]);
    writeHistory(path, ["new", "old"]);
    expect(readFileSync(path, "utf8")).toBe("old\nnew\n");
    expect(readHistory(path)).toEqual(["new", "old"]);
    writeHistory(path, Array.from({ length: HISTORY_LINES_MAX + 5 }, (_, index) => `line ${index}`));
    expect(readHistory(path)).toHaveLength(HISTORY_LINES_MAX);
    expect(readHistory(path)[0]).toBe("line 0");
    rmSync(folder, { recursive: true });
  });
  test("where the user's state lives", () => {
    expect(historyPath({ XDG_STATE_HOME: "/s", HOME: "/h" })).toBe("/s/janus/history");
    expect(historyPath({ XDG_STATE_HOME: "relative", HOME: "/h" })).toBe("/h/.local/state/janus/history");
  });
});
