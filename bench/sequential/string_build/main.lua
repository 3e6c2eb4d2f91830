local ROUNDS <const> = 20000
local ITEMS <const> = 100
local LETTERS <const> = "abcdefghijklmnopqrstuvwxyz"

local function line(round)
  local parts = {}
  for i = 0, ITEMS - 1 do parts[#parts + 1] = i .. ":" .. round * i end
  return table.concat(parts, ",")
end

local function word(start)
  local text = ""
  local at = start % #LETTERS
  while #text < ITEMS do
    text = text .. LETTERS:sub(at + 1, at + 1)
    at = (at + 7) % #LETTERS
  end
  return text
end

local bytes, commas, sum = 0, 0, 0
for round = 0, ROUNDS - 1 do
  local joined = line(round)
  bytes = bytes + #joined
  commas = commas + select(2, joined:gsub(",", ","))
  local spelled = word(round)
  for i = 1, #spelled do sum = sum + spelled:byte(i) end
end
print(string.format("%d bytes, %d commas, sum %d", bytes, commas, sum))
print(line(3):sub(1, 40))
print(word(2))
