// The tree of fibers as people read it: a line for each fiber, its Janus stack below, its children further in.
import { folded } from "./traces.ts";
import { WAITS } from "./waits.ts";
import { fiberName, type FiberNode, type FiberTree, type Wait } from "./tree.ts";

const STACK_LINES = 8;

/** What is waited on where nothing in the program names it. */
const UNNAMED: Record<string, string> = {
  send: " a channel", receive: " a channel", ring_send: " a `Chan`", ring_receive: " a `Chan`",
};

export function treeLines(tree: FiberTree): string[] {
  const lines: string[] = [];
  const show = (node: FiberNode, depth: number): void => {
    const pad = "  ".repeat(depth);
    lines.push(pad + describe(node));
    const stack = folded(node.stack.map((place) => `at ${place}`)).slice(0, STACK_LINES);
    for (const line of stack) lines.push(`${pad}    ${line.trim()}`);
    if (node.alike > 0) lines.push(`${pad}… and ${node.alike} more like it`);
    for (const child of node.children) show(child, depth + 1);
  };
  for (const root of tree.roots) show(root, 0);
  if (tree.left_out > 0) lines.push(`… and ${tree.left_out} more fibers`);
  return lines;
}

function describe(node: FiberNode): string {
  const parts = [fiberName(node.fiber, node.name) + (node.daemon ? " (daemon)" : "")];
  if (node.waits !== null) parts.push(...describeWait(node.waits));
  else if (node.state === "new") parts.push("has not started");
  else parts.push(node.state === "running" ? `runs on worker ${node.worker}` : node.state);
  if (node.cancelled) parts.push(node.reason === undefined ? "cancelled" : `cancelled by ${node.reason}`);
  if (node.spawned !== null) parts.push(`spawned at ${node.spawned}`);
  return parts.filter((part) => part !== "").join("; ");
}

function describeWait(wait: Wait): string[] {
  const parts: string[] = [];
  if (wait.tasks !== null) {
    const at = wait.nursery === null ? "" : ` at ${wait.nursery}`;
    parts.push(`waits for ${wait.tasks} task${wait.tasks === 1 ? "" : "s"} of its nursery${at}`);
  } else {
    const of = wait.kind === "mutex" ? " of" : "";
    const object = wait.object === null ? UNNAMED[wait.kind] ?? "" : `${of} \`${wait.object}\``;
    const task = wait.kind !== "await" || wait.holder === null ? "" : `${object === "" ? ":" : ","} ${wait.holder}`;
    const made = wait.kind === "mutex" && wait.made !== null ? ` (made at ${wait.made})` : "";
    parts.push((WAITS[wait.kind] ?? "waits") + object + made + task + (wait.at === null ? "" : ` at ${wait.at}`));
  }
  if (wait.kind === "mutex") {
    const since = wait.held === null ? "" : ` since ${wait.held}`;
    parts.push(wait.holder === null ? "nobody holds it" : `${wait.holder} holds it${since}`);
  }
  if (wait.cure !== null) parts.push(wait.cure + (wait.made === null ? "" : ` (made at ${wait.made})`));
  else if (wait.since_ms > 0) parts.push(`for ${wait.since_ms} ms`);
  return parts;
}
