-- Live views with the counts that limits are checked against, and the most recently ended: view-book.ts over Redis.
-- A count is a sorted set of views, the most important and oldest first: who gives way is its last.
local MAX_ENDED = 10000
local TIER_STEP = 1e14
local views = {}

function views.unpack(text)
  local line = lines(text)
  return {
    sessionId = line[1], userId = line[2], cameraId = line[3], profile = line[4], path = line[5], node = line[6],
    protocol = line[7], granted = line[8], state = line[9], startedAt = line[10], connectBefore = line[11],
    tier = tonumber(line[12]), order = line[13], counters = from(line, 14),
  }
end

function views.pack(view)
  local text = table.concat({
    view.sessionId, view.userId, view.cameraId, view.profile, view.path, view.node, view.protocol, view.granted,
    view.state, view.startedAt, view.connectBefore, int(view.tier), view.order,
  }, '\n')
  if #view.counters > 0 then text = text .. '\n' .. table.concat(view.counters, '\n') end
  return text
end

function views.packEnded(view, reason)
  return reason .. '\n' .. int(now) .. '\n' .. views.pack(view)
end

function views.get(sessionId)
  local text = redis.call('HGET', PREFIX .. 'views', sessionId)
  return text and views.unpack(text) or nil
end

local function all(ids)
  local found = {}
  for _, sessionId in ipairs(ids) do
    found[#found + 1] = views.get(sessionId)
  end
  return found
end

function views.onPath(path)
  return all(redis.call('ZRANGE', PREFIX .. 'views-on-path:' .. path, 0, -1))
end

function views.onNode(node)
  return all(redis.call('ZRANGE', PREFIX .. 'views-on-node:' .. node, 0, -1))
end

function views.countUnder(counter)
  return redis.call('ZCARD', PREFIX .. 'count:' .. counter)
end

-- The least important view that counts there, of those the youngest.
function views.leastImportant(counter)
  local last = redis.call('ZRANGE', PREFIX .. 'count:' .. counter, -1, -1)
  return last[1] and views.get(last[1]) or nil
end

local function count(counter, view)
  redis.call('ZADD', PREFIX .. 'count:' .. counter, int(view.tier * TIER_STEP + view.order), view.sessionId)
end

local function uncount(counter, view)
  redis.call('ZREM', PREFIX .. 'count:' .. counter, view.sessionId)
end

local function countProtocol(view, how)
  how('camera ' .. view.cameraId .. ' ' .. view.protocol, view)
  how('node ' .. view.node .. ' ' .. view.protocol, view)
end

local function indexes(view)
  return {
    PREFIX .. 'views-in-order', PREFIX .. 'views-on-path:' .. view.path, PREFIX .. 'views-on-node:' .. view.node,
    PREFIX .. 'views-of-user:' .. view.userId, PREFIX .. 'views-of-camera:' .. view.cameraId,
  }
end

function views.open(view, idempotencyKey)
  local id = view.sessionId
  view.order = int(redis.call('INCR', PREFIX .. 'view-order'))
  redis.call('HSET', PREFIX .. 'views', id, views.pack(view))
  for _, key in ipairs(indexes(view)) do
    redis.call('ZADD', key, view.order, id)
  end
  countProtocol(view, count)
  for _, counter in ipairs(view.counters) do count(counter, view) end
  redis.call('ZREM', PREFIX .. 'idle', view.path)
  if view.state == 'granted' then
    redis.call('ZADD', PREFIX .. 'granted-on-node:' .. view.node, view.connectBefore, id)
  elseif redis.call('HDEL', PREFIX .. 'ended', id) == 1 then
    -- Its node has brought it back.
    redis.call('ZREM', PREFIX .. 'ended-in-order', id)
  end
  if idempotencyKey then
    redis.call('HSET', PREFIX .. 'idempotency-keys', idempotencyKey, id)
    redis.call('HSET', PREFIX .. 'idempotency-key-of', id, idempotencyKey)
  end
  return view
end

-- The node sees it over this protocol; nothing when that is no news.
function views.connect(view, protocol)
  if view.state == 'connected' and view.protocol == protocol then return nil end
  if view.protocol ~= protocol then
    countProtocol(view, uncount)
    view.protocol = protocol
    countProtocol(view, count)
  end
  if view.state == 'granted' then
    redis.call('ZREM', PREFIX .. 'granted-on-node:' .. view.node, view.sessionId)
    view.state = 'connected'
  end
  redis.call('HSET', PREFIX .. 'views', view.sessionId, views.pack(view))
  return view
end

-- Its node may name it on: it is a stranger there from now on, which the next report is asked about.
local function forgetOnNode(view)
  if view.state == 'connected' then
    redis.call('SADD', PREFIX .. 'strangers-on-node:' .. view.node, view.sessionId)
  else
    redis.call('ZREM', PREFIX .. 'granted-on-node:' .. view.node, view.sessionId)
  end
end

-- Answers the ended view, packed.
function views.close(view, reason)
  local id = view.sessionId
  redis.call('HDEL', PREFIX .. 'views', id)
  for _, key in ipairs(indexes(view)) do
    redis.call('ZREM', key, id)
  end
  countProtocol(view, uncount)
  for _, counter in ipairs(view.counters) do uncount(counter, view) end
  forgetOnNode(view)
  local idempotencyKey = redis.call('HGET', PREFIX .. 'idempotency-key-of', id)
  if idempotencyKey then
    redis.call('HDEL', PREFIX .. 'idempotency-key-of', id)
    if redis.call('HGET', PREFIX .. 'idempotency-keys', idempotencyKey) == id then
      redis.call('HDEL', PREFIX .. 'idempotency-keys', idempotencyKey)
    end
  end
  local packed = views.packEnded(view, reason)
  redis.call('HSET', PREFIX .. 'ended', id, packed)
  redis.call('ZADD', PREFIX .. 'ended-in-order', int(redis.call('INCR', PREFIX .. 'ended-order')), id)
  if redis.call('ZCARD', PREFIX .. 'ended-in-order') > MAX_ENDED then
    redis.call('HDEL', PREFIX .. 'ended', redis.call('ZPOPMIN', PREFIX .. 'ended-in-order')[1])
  end
  return packed
end
