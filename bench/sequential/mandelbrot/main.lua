local WIDTH <const> = 480
local HEIGHT <const> = 360
local MOST_ROUNDS <const> = 100

local function escape_rounds(cr, ci)
  local zr, zi = 0.0, 0.0
  local rounds = 0
  while rounds < MOST_ROUNDS and zr * zr + zi * zi <= 4.0 do
    local next_zr = zr * zr - zi * zi + cr
    zi = 2.0 * zr * zi + ci
    zr = next_zr
    rounds = rounds + 1
  end
  return rounds
end

local inside, total = 0, 0
for y = 0, HEIGHT - 1 do
  local ci = 2.0 * y / HEIGHT - 1.0
  for x = 0, WIDTH - 1 do
    local cr = 3.0 * x / WIDTH - 2.0
    local rounds = escape_rounds(cr, ci)
    total = total + rounds
    if rounds == MOST_ROUNDS then inside = inside + 1 end
  end
end
print(string.format("%d points inside, %d rounds", inside, total))
