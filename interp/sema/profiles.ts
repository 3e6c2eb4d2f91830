// Profiles: what a program may do, as `profile :core` at the top of a file says. Promises: concurrency under `:core` is
// reported where it is written; a profile that there is none of is reported with the nearest.
import type { Span } from "../syntax/ast.ts";
import { didYouMean } from "./errors.ts";
import type { Checker } from "./scope.ts";
import type { Module, World } from "./world.ts";

export function requireConcurrency(c: Checker, span: Span, what: string): void {
  if (c.profile !== "core") return;
  c.error(span, "J0218", `${what} is concurrency, and the profile \`:core\` has none`, {
    hint: "say `profile :service` at the top of the file, or `--profile service`",
    notes: c.module.unit.profile === null ? []
      : [{ unit: c.source, span: c.module.unit.profile.span, message: "the profile is chosen here" }],
  });
}

/** What `profile :name` and `--profile name` may say. */
export const PROFILES = ["core", "service", "cluster", "sovereign"];

/** Reports a profile that there is none of. */
export function checkProfile(w: World, module: Module): void {
  const { profile } = module.unit;
  if (profile !== null && !PROFILES.includes(profile.name)) {
    w.reporter.error(module.source, profile.span, "J0239", `there is no profile \`:${profile.name}\``, {
      hint: didYouMean(profile.name, PROFILES) ?? "the profiles are :core, :service, :cluster and :sovereign",
    });
  }
}
