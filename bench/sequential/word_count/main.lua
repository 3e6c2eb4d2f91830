local LINES <const> = 100000
local WORDS_A_LINE <const> = 20
local STEMS <const> = { "al", "be", "cor", "du", "en", "fa", "gor", "hi", "in", "jo", "ka", "lim", "mo", "nor", "op",
  "pa" }

local function text_lines()
  local lines = {}
  local seed = 7
  for i = 1, LINES do
    local words = {}
    for k = 1, WORDS_A_LINE do
      seed = (seed * 1664525 + 1013904223) % 4294967296
      local first = (seed // 65536) % 16 * ((seed // 1048576) % 16) // 16
      local second = (seed // 16777216) % 16
      words[k] = STEMS[first + 1] .. STEMS[second + 1]
    end
    lines[i] = table.concat(words, " ")
  end
  return lines
end

local counts = {}
for _, line in ipairs(text_lines()) do
  for word in line:gmatch("[^ ]+") do
    counts[word] = (counts[word] or 0) + 1
  end
end
local found = {}
for word, times in pairs(counts) do found[#found + 1] = { word = word, times = times } end
table.sort(found, function(a, b)
  if a.times ~= b.times then return a.times > b.times end
  return a.word < b.word
end)
print(#found .. " words")
for i = 1, 10 do print(found[i].word .. " " .. found[i].times) end
