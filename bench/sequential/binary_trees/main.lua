local MIN_DEPTH <const> = 4
local MAX_DEPTH <const> = 15

local function build(depth)
  if depth == 0 then return { left = nil, right = nil } end
  return { left = build(depth - 1), right = build(depth - 1) }
end

local function count(node)
  local total = 1
  if node.left then total = total + count(node.left) end
  if node.right then total = total + count(node.right) end
  return total
end

print(string.format("stretch tree of depth %d has %d nodes", MAX_DEPTH + 1, count(build(MAX_DEPTH + 1))))
local long_lived = build(MAX_DEPTH)
for depth = MIN_DEPTH, MAX_DEPTH, 2 do
  local rounds = 1 << (MAX_DEPTH - depth + MIN_DEPTH)
  local nodes = 0
  for _ = 1, rounds do nodes = nodes + count(build(depth)) end
  print(string.format("%d trees of depth %d have %d nodes", rounds, depth, nodes))
end
print(string.format("long lived tree of depth %d has %d nodes", MAX_DEPTH, count(long_lived)))
