// Failures that come together: children of one nursery, a block and its cleanup, a child and the deadline that passed.
// One is raised, and the others are attached to it in one flat list, of which it is the first, so that however many
// nurseries they come through, `failures(err)` and the report have them all. What leaves them behind is a handler.
import { PanicValue } from "./code.ts";
import { showError } from "./show.ts";
import { type ChildFailure, ErrorValue, Failure } from "./values.ts";

export type Raised = Failure | PanicValue;

const attachedTo = (how: Raised): ChildFailure[] | null => (how instanceof Failure ? how.error.children : how.children);

/** How a failure is told, and behind it all that is attached to it. name, spawned: of the task that it ended. */
export function reportsOf(how: Raised, name = "", spawned = 0): ChildFailure[] {
  const isPanic = how instanceof PanicValue;
  const what = isPanic ? `${how.code}: ${how.message}` : showError(how.error);
  const [before, ...others] = attachedTo(how) ?? [];
  // a task without a name is called as the one further in that its failure came from
  return [[what, isPanic, name || (before?.[2] ?? ""), spawned, how.trace.slice()], ...others];
}

/** A failure with others attached, behind what it brings. alone: how it is told when it brings nothing. */
export function attach<T extends Raised>(how: T, others: ChildFailure[], alone = reportsOf(how)): T {
  return told(how, [...attachedTo(how) ?? alone, ...others]);
}

/** A failure as it leaves the task that it ended, for whoever awaits that. */
export function leavingTask<T extends Raised>(how: T, name: string, spawned: number): T {
  return told(how, reportsOf(how, name, spawned));
}

/** An error value may be a constant of the program's: it is not changed, the failure gets another one. */
function told<T extends Raised>(how: T, reports: ChildFailure[]): T {
  if (how instanceof PanicValue) {
    how.children = reports;
    return how;
  }
  const { name, set, tag, payload, about } = how.error;
  const error = new ErrorValue(name, set, tag, payload);
  error.about = about;
  error.children = reports;
  const failure = new Failure(error, how.trace);
  failure.ofTask = how.ofTask;
  return failure as T;
}
