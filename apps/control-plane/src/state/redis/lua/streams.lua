-- Which stream is assigned to which node, and the fencing numbers: stream-book.ts over Redis.
-- A node that says nothing for so long has lost its lease twice, and with it its streams.
local LINGER_MS = 6000
local streams = {}
local known = {}

local function unpackStream(text)
  local line = lines(text)
  return {
    path = line[1], cameraId = line[2], profile = line[3], node = line[4], fence = line[5], ttlMs = tonumber(line[6]),
    alwaysOn = line[7] == '1', keepUntilMs = tonumber(line[8]), place = line[9], budgets = from(line, 10),
  }
end

function streams.pack(stream)
  local text = table.concat({
    stream.path, stream.cameraId, stream.profile, stream.node, stream.fence, int(stream.ttlMs),
    stream.alwaysOn and '1' or '0', int(stream.keepUntilMs), stream.place,
  }, '\n')
  if #stream.budgets > 0 then text = text .. '\n' .. table.concat(stream.budgets, '\n') end
  return text
end

-- A script asks for the same few again and again.
function streams.get(path)
  local stream = known[path]
  if stream == nil then
    local text = redis.call('HGET', PREFIX .. 'streams', path)
    stream = text and unpackStream(text) or false
    known[path] = stream
  end
  return stream or nil
end

function streams.viewCount(path)
  return redis.call('ZCARD', PREFIX .. 'views-on-path:' .. path)
end

function streams.record(stream)
  return streams.viewCount(stream.path) .. '\n' .. streams.pack(stream)
end

-- As it is kept, for lists: there is no need to look into it.
function streams.keptRecord(path)
  return streams.viewCount(path) .. '\n' .. redis.call('HGET', PREFIX .. 'streams', path)
end

function streams.ofCamera(cameraId)
  local found = {}
  for _, path in ipairs(redis.call('ZRANGE', PREFIX .. 'streams-of-camera:' .. cameraId, 0, -1)) do
    found[#found + 1] = streams.get(path)
  end
  return found
end

-- Numbers start at the clock: a store that lost its memory still goes on above all that nodes ever saw.
function streams.nextFence()
  local fence = math.max(tonumber(redis.call('GET', PREFIX .. 'fence') or '0') + 1, now)
  redis.call('SET', PREFIX .. 'fence', int(fence))
  return int(fence)
end

-- Later numbers will be higher than this one.
function streams.sawFence(fence)
  if fence > tonumber(redis.call('GET', PREFIX .. 'fence') or '0') then
    redis.call('SET', PREFIX .. 'fence', int(fence))
  end
end

-- Pulls under a budget: those that should run, and those that may still.
function streams.pulls(budget)
  local count = redis.call('ZCARD', PREFIX .. 'budget:' .. budget)
  local lingering = PREFIX .. 'lingering-under:' .. budget
  for _, path in ipairs(redis.call('ZRANGEBYSCORE', lingering, '(' .. int(now), '+inf')) do
    local assigned = streams.get(path)
    local lingersOn = lines(redis.call('HGET', PREFIX .. 'lingering', path))[1]
    if not assigned or assigned.node ~= lingersOn then count = count + 1 end
  end
  return count
end

function streams.isLingering(budget)
  return redis.call('ZCOUNT', PREFIX .. 'lingering-under:' .. budget, '(' .. int(now), '+inf') > 0
end

function streams.forgetLingering(path)
  local text = redis.call('HGET', PREFIX .. 'lingering', path)
  if not text then return end
  local line = lines(text)
  redis.call('HDEL', PREFIX .. 'lingering', path)
  redis.call('ZREM', PREFIX .. 'lingering-until', path)
  redis.call('SREM', PREFIX .. 'lingering-on:' .. line[1], path)
  for i = 2, #line do
    redis.call('ZREM', PREFIX .. 'lingering-under:' .. line[i], path)
  end
end

-- It may run on its node until then, or until that says that it does not.
function streams.linger(stream, lingerUntilMs)
  if #stream.budgets == 0 then return end
  streams.forgetLingering(stream.path)
  local untilMs = int(lingerUntilMs)
  redis.call('HSET', PREFIX .. 'lingering', stream.path, stream.node .. '\n' .. table.concat(stream.budgets, '\n'))
  redis.call('ZADD', PREFIX .. 'lingering-until', untilMs, stream.path)
  redis.call('SADD', PREFIX .. 'lingering-on:' .. stream.node, stream.path)
  for _, budget in ipairs(stream.budgets) do
    redis.call('ZADD', PREFIX .. 'lingering-under:' .. budget, untilMs, stream.path)
  end
end

local function countOnNode(node, by)
  if redis.call('HINCRBY', PREFIX .. 'streams-on-nodes', node, by) == 0 then
    redis.call('HDEL', PREFIX .. 'streams-on-nodes', node)
  end
end

-- Keeps the list of those that end when nobody comes.
local function schedule(stream)
  if stream.alwaysOn or streams.viewCount(stream.path) > 0 then
    redis.call('ZREM', PREFIX .. 'idle', stream.path)
  else
    redis.call('ZADD', PREFIX .. 'idle', int(stream.keepUntilMs), stream.path)
  end
end

local function unindex(stream)
  redis.call('ZREM', PREFIX .. 'streams-of-camera:' .. stream.cameraId, stream.path)
  redis.call('ZREM', PREFIX .. 'streams-of-node:' .. stream.node, stream.path)
  for _, budget in ipairs(stream.budgets) do
    redis.call('ZREM', PREFIX .. 'budget:' .. budget, stream.path)
  end
  countOnNode(stream.node, -1)
end

local function index(stream)
  redis.call('ZADD', PREFIX .. 'streams-of-camera:' .. stream.cameraId, stream.place, stream.path)
  redis.call('ZADD', PREFIX .. 'streams-of-node:' .. stream.node, stream.place, stream.path)
  for _, budget in ipairs(stream.budgets) do
    redis.call('ZADD', PREFIX .. 'budget:' .. budget, stream.place, stream.path)
  end
  countOnNode(stream.node, 1)
end

local function isIndexedAlike(a, b)
  return a.cameraId == b.cameraId and a.node == b.node
    and table.concat(a.budgets, '\n') == table.concat(b.budgets, '\n')
end

-- Adds or replaces; nodes whose desired state changes by it are woken. With `isWatched` a view of it is opened next.
function streams.put(stream, isWatched)
  local before = streams.get(stream.path)
  if before then
    stream.place = before.place
  else
    stream.place = int(redis.call('INCR', PREFIX .. 'stream-place'))
    redis.call('ZADD', PREFIX .. 'streams-in-order', stream.place, stream.path)
  end
  if before == nil or not isIndexedAlike(before, stream) then
    if before then unindex(before) end
    index(stream)
  end
  redis.call('HSET', PREFIX .. 'streams', stream.path, streams.pack(stream))
  known[stream.path] = stream
  if not isWatched then schedule(stream) end
  if before and before.node ~= stream.node then wake(before.node) end
  if before == nil or before.node ~= stream.node or before.fence ~= stream.fence
    or before.ttlMs ~= stream.ttlMs or before.alwaysOn ~= stream.alwaysOn then
    wake(stream.node)
  end
end

-- With some things changed, the rest as it is.
function streams.change(stream, changes)
  local changed = {}
  for name, value in pairs(stream) do changed[name] = value end
  for name, value in pairs(changes) do changed[name] = value end
  streams.put(changed)
end

-- What a request says of a stream, on a node.
function streams.assign(stream, node, fence, keepUntilMs, isWatched)
  streams.put({
    path = stream.path, cameraId = stream.cameraId, profile = stream.profile, node = node, fence = fence,
    ttlMs = stream.ttlMs, alwaysOn = stream.alwaysOn, keepUntilMs = keepUntilMs, budgets = stream.budgets,
  }, isWatched)
end

function streams.drop(path)
  local stream = streams.get(path)
  if not stream then return end
  redis.call('HDEL', PREFIX .. 'streams', path)
  redis.call('ZREM', PREFIX .. 'streams-in-order', path)
  redis.call('ZREM', PREFIX .. 'idle', path)
  known[path] = false
  unindex(stream)
  streams.linger(stream, now + LINGER_MS)
  wake(stream.node)
end
