local LIMIT <const> = 6000000

local composite = {}
for n = 1, LIMIT do composite[n] = false end
local primes, sum = 0, 0
for n = 2, LIMIT - 1 do
  if not composite[n] then
    primes = primes + 1
    sum = sum + n
    local multiple = n * n
    while multiple < LIMIT do
      composite[multiple] = true
      multiple = multiple + n
    end
  end
end
print(string.format("%d primes, their sum is %d", primes, sum))
