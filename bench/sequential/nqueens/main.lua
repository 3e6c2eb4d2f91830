local function filled(n, value)
  local out = {}
  for i = 1, n do out[i] = value end
  return out
end

-- rows and columns count from 1, as tables do
local function place(row, n, columns, rising, falling)
  if row > n then return 1 end
  local ways = 0
  for column = 1, n do
    if not (columns[column] or rising[row + column - 1] or falling[row - column + n]) then
      columns[column] = true
      rising[row + column - 1] = true
      falling[row - column + n] = true
      ways = ways + place(row + 1, n, columns, rising, falling)
      columns[column] = false
      rising[row + column - 1] = false
      falling[row - column + n] = false
    end
  end
  return ways
end

for n = 4, 12 do
  local ways = place(1, n, filled(n, false), filled(2 * n - 1, false), filled(2 * n - 1, false))
  print(string.format("%d queens: %d ways", n, ways))
end
