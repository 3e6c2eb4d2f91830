const MIN_DEPTH = 4;
const MAX_DEPTH = 15;

class Node {
  constructor(left, right) {
    this.left = left;
    this.right = right;
  }
}

function build(depth) {
  if (depth === 0) return new Node(null, null);
  return new Node(build(depth - 1), build(depth - 1));
}

function count(node) {
  let total = 1;
  if (node.left !== null) total += count(node.left);
  if (node.right !== null) total += count(node.right);
  return total;
}

console.log(`stretch tree of depth ${MAX_DEPTH + 1} has ${count(build(MAX_DEPTH + 1))} nodes`);
const longLived = build(MAX_DEPTH);
for (let depth = MIN_DEPTH; depth <= MAX_DEPTH; depth += 2) {
  const rounds = 1 << (MAX_DEPTH - depth + MIN_DEPTH);
  let nodes = 0;
  for (let i = 0; i < rounds; i++) nodes += count(build(depth));
  console.log(`${rounds} trees of depth ${depth} have ${nodes} nodes`);
}
console.log(`long lived tree of depth ${MAX_DEPTH} has ${count(longLived)} nodes`);
