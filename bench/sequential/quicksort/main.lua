local COUNT <const> = 500000

local function scrambled(count)
  local numbers = {}
  local seed = 42
  for i = 1, count do
    seed = (seed * 1103515245 + 12345) % 2147483648
    numbers[i] = seed
  end
  return numbers
end

local function quicksort(xs, low, high)
  if low >= high then return end
  local pivot = xs[(low + high) // 2]
  local i, j = low, high
  while i <= j do
    while xs[i] < pivot do i = i + 1 end
    while xs[j] > pivot do j = j - 1 end
    if i <= j then
      local swapped = xs[i]
      xs[i] = xs[j]
      xs[j] = swapped
      i = i + 1
      j = j - 1
    end
  end
  quicksort(xs, low, j)
  quicksort(xs, i, high)
end

local numbers = scrambled(COUNT)
quicksort(numbers, 1, COUNT)
for i = 2, COUNT do assert(numbers[i - 1] <= numbers[i]) end
print(string.format("%d %d %d", numbers[1], numbers[COUNT // 2 + 1], numbers[COUNT]))
