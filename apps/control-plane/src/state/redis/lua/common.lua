-- In front of every script. KEYS[1] is the generation's key, the only one that is named: all others share its hash
-- tag, so that they lie in the same slot, and hold the generation, so that none of an earlier one is ever met.
-- ARGV: the generation that the caller knows, the request as JSON.
-- Records are lines of text, packed here and taken apart in redis-records.ts. Numbers are written with `int`:
-- Lua would shorten large ones. What one script decides for several keys is visible to others at once or not at all.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return {'emptied'} end
local SYSTEM = string.sub(KEYS[1], 1, -#'generation' - 1)
local PREFIX = SYSTEM .. ARGV[1] .. ':'
local request = cjson.decode(ARGV[2])
local now = request.nowMs

local function int(number)
  return string.format('%.0f', number)
end

local function lines(text)
  local found = {}
  for line in string.gmatch(text .. '\n', '([^\n]*)\n') do
    found[#found + 1] = line
  end
  return found
end

local function from(list, first)
  local rest = {}
  for i = first, #list do
    rest[#rest + 1] = list[i]
  end
  return rest
end

local function contains(list, value)
  for _, one in ipairs(list) do
    if one == value then return true end
  end
  return false
end

local woken, isWoken = {}, {}
local function wake(node)
  if isWoken[node] then return end
  isWoken[node] = true
  woken[#woken + 1] = node
end

-- Tells all control processes, in the same step, whose desired state has changed.
local function finish(reply)
  if #woken > 0 then redis.call('PUBLISH', SYSTEM .. 'desired', table.concat(woken, ' ')) end
  return reply
end
