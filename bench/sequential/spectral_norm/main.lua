local function element(i, j)
  return 1.0 / ((i + j) * (i + j + 1) // 2 + i + 1)
end

local function times(v)
  local out = {}
  for i = 1, #v do
    local sum = 0.0
    for j = 1, #v do sum = sum + element(i - 1, j - 1) * v[j] end
    out[i] = sum
  end
  return out
end

local function times_transposed(v)
  local out = {}
  for i = 1, #v do
    local sum = 0.0
    for j = 1, #v do sum = sum + element(j - 1, i - 1) * v[j] end
    out[i] = sum
  end
  return out
end

local u, v = {}, {}
for i = 1, 360 do u[i] = 1.0 end
for _ = 1, 10 do
  v = times_transposed(times(u))
  u = times_transposed(times(v))
end
local uv, vv = 0.0, 0.0
for i = 1, #u do
  uv = uv + u[i] * v[i]
  vv = vv + v[i] * v[i]
end
print(string.format("%.9f", math.sqrt(uv / vv)))
