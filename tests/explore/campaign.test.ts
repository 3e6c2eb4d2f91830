// A short campaign, as part of the tests: every program under one seed. Longer ones are a command.
import { expect, test } from "bun:test";
import { campaign } from "./campaign.ts";

test("every program does under a seed what it does freely", async () => {
  const tally = await campaign({ seeds: 1, from: 1, seconds: 240, filter: "" });
  expect(tally.failures).toEqual([]);
  expect(tally.runs).toBe(tally.programs);
  expect(tally.programs).toBeGreaterThan(300);
}, 300_000);
