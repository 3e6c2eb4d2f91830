-- positions count from 1, as tables do; the pancakes still from 0
local function fannkuch(n)
  local order, stack, count = {}, {}, {}
  for i = 1, n do
    order[i] = i - 1
    stack[i] = 0
    count[i] = 0
  end
  local checksum, most_flips = 0, 0
  local r = n
  local even = true
  while true do
    while r ~= 1 do
      count[r] = r
      r = r - 1
    end
    for i = 1, n do stack[i] = order[i] end
    local flips = 0
    local top = stack[1]
    while top ~= 0 do
      local low, high = 1, top + 1
      while low < high do
        local swapped = stack[low]
        stack[low] = stack[high]
        stack[high] = swapped
        low = low + 1
        high = high - 1
      end
      flips = flips + 1
      top = stack[1]
    end
    if flips > most_flips then most_flips = flips end
    if even then checksum = checksum + flips else checksum = checksum - flips end
    even = not even
    -- the next permutation
    while true do
      if r == n then return checksum, most_flips end
      local first = order[1]
      for i = 1, r do order[i] = order[i + 1] end
      order[r + 1] = first
      count[r + 1] = count[r + 1] - 1
      if count[r + 1] > 0 then break end
      r = r + 1
    end
  end
end

local checksum, flips = fannkuch(9)
print(string.format("checksum %d, most flips %d", checksum, flips))
