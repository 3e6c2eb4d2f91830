// What std.log writes in each format and from each level on: the variables of the environment decide, so each case is a
// run of its own.

import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JANUS, PLAIN_ENV } from "./runner/checkout.ts";
import { run } from "./runner/process.ts";

const TIMEOUT_SECONDS = 60;

const PROGRAM = `use std.log

func main() do
    log.debug "parsed", tokens: 12
    log.info "started", port: 8080, host: "a b", "extra", 1.5
    log.warn "said \\"no\\"\\nand é", ok: false, rest: [1, 2], none: { "a": 1 }.get("b"), far: 1.0 / 0.0
    log.error "lost", big: 9223372036854775807, found: { "a": 1 }.get("a")
    println(enabled("debug"), enabled("info"), enabled("warn"), enabled("error"))
end
`;

async function logged(env: Record<string, string>): Promise<{ lines: string[]; enabled: string }> {
  const folder = mkdtempSync(join(tmpdir(), "janus-log-"));
  try {
    const file = join(folder, "log.jan");
    writeFileSync(file, PROGRAM);
    const outcome = await run([JANUS, "run", file], { env: { ...PLAIN_ENV, ...env }, timeoutSeconds: TIMEOUT_SECONDS });
    expect(outcome.status).toBe(0);
    return { lines: outcome.stderr.trimEnd().split("\n"), enabled: outcome.stdout.trim() };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe("std.log", () => {
  test("as text: level, message, fields by name, texts quoted where they need it", async () => {
    const { lines, enabled } = await logged({ JANUS_LOG: "debug" });
    expect(lines).toEqual([
      "DEBUG parsed tokens=12",
      'INFO  started port=8080 host="a b" extra 1.5',
      'WARN  said "no"',
      "and é ok=false rest=[1, 2] none=null far=inf",
      "ERROR lost big=9223372036854775807 found=1",
    ]);
    expect(enabled).toBe("truetruetruetrue");
  });

  test("from a level on", async () => {
    expect(await logged({ JANUS_LOG: "error" })).toEqual({
      lines: ["ERROR lost big=9223372036854775807 found=1"], enabled: "falsefalsefalsetrue",
    });
    expect((await logged({ JANUS_LOG: "nonsense" })).enabled).toBe("falsetruetruetrue");
  });

  test("as JSON: an object a line, numbers as numbers", async () => {
    const { lines } = await logged({ JANUS_LOG_FORMAT: "json" });
    const found = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    for (const one of found) expect(new Date(one.time as string).getTime()).toBeGreaterThan(1.6e12);
    expect(found.map(({ time: _, ...rest }) => rest)).toEqual([
      { level: "info", message: "started", port: 8080, host: "a b", fields: ["extra", 1.5] },
      { level: "warn", message: 'said "no"\nand é', ok: false, rest: "[1, 2]", none: null, far: "inf" },
      { level: "error", message: "lost", big: 9223372036854775807, found: 1 },
    ]);
    expect(lines[2]).toContain('"big":9223372036854775807');
  });
});
