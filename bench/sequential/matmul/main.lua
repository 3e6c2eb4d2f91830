local SIZE <const> = 240

local function matrix(n, seed)
  local step = seed / (n * n)
  local rows = {}
  for i = 1, n do
    local row = {}
    for j = 1, n do row[j] = step * ((i - j) * (i + j - 2)) end
    rows[i] = row
  end
  return rows
end

local function product(a, b)
  local n = #a
  local rows = {}
  for i = 1, n do
    local left = a[i]
    local row = {}
    for j = 1, n do
      local sum = 0.0
      for k = 1, n do sum = sum + left[k] * b[k][j] end
      row[j] = sum
    end
    rows[i] = row
  end
  return rows
end

local c = product(matrix(SIZE, 1.0), matrix(SIZE, 2.0))
local trace = 0.0
for i = 1, SIZE do trace = trace + c[i][i] end
print(string.format("%.6f %.6f", c[SIZE // 2 + 1][SIZE // 2 + 1], trace))
