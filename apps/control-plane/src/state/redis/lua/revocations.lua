-- Views that may not go on or come back, and the node that must know: revocation-book.ts over Redis.
-- What comes above these numbers displaces what would have ended first.
local MAX_REVOKED = 100000
local MAX_WISHES = 10000
local revocations = {}

local function bound(name, max, forget)
  if redis.call('ZCARD', PREFIX .. name) <= max then return end
  forget(redis.call('ZRANGE', PREFIX .. name, 0, 0)[1])
end

local function entryOf(sessionId)
  local text = redis.call('HGET', PREFIX .. 'revoked', sessionId)
  if not text then return nil end
  local line = lines(text)
  return { untilMs = tonumber(line[1]), node = line[2] }
end

function revocations.forget(sessionId)
  local entry = entryOf(sessionId)
  redis.call('ZREM', PREFIX .. 'revoked-until', sessionId)
  if not entry then return end
  redis.call('HDEL', PREFIX .. 'revoked', sessionId)
  redis.call('ZREM', PREFIX .. 'revoked-on-node:' .. entry.node, sessionId)
end

function revocations.forgetWish(sessionId)
  redis.call('HDEL', PREFIX .. 'wishes', sessionId)
  redis.call('ZREM', PREFIX .. 'wishes-until', sessionId)
end

function revocations.add(sessionId, node, untilMs)
  revocations.forget(sessionId)
  local order = int(redis.call('INCR', PREFIX .. 'revocation-order'))
  redis.call('HSET', PREFIX .. 'revoked', sessionId, int(untilMs) .. '\n' .. node)
  redis.call('ZADD', PREFIX .. 'revoked-until', int(untilMs), sessionId)
  redis.call('ZADD', PREFIX .. 'revoked-on-node:' .. node, order, sessionId)
  bound('revoked-until', MAX_REVOKED, revocations.forget)
end

-- To end a view that is not known here, or not yet. With `onlyUser`, a view of that user alone.
function revocations.wish(sessionId, untilMs, onlyUser)
  if redis.call('HEXISTS', PREFIX .. 'revoked', sessionId) == 1 then return end
  redis.call('HSET', PREFIX .. 'wishes', sessionId, int(untilMs) .. '\n' .. (onlyUser or ''))
  redis.call('ZADD', PREFIX .. 'wishes-until', int(untilMs), sessionId)
  bound('wishes-until', MAX_WISHES, revocations.forgetWish)
end

-- Whether this view, seen on this node, is revoked; from then on the node is told.
function revocations.claims(sessionId, userId, node)
  local entry = entryOf(sessionId)
  if entry and entry.untilMs > now then
    if entry.node ~= node then revocations.add(sessionId, node, entry.untilMs) end
    return true
  end
  local text = redis.call('HGET', PREFIX .. 'wishes', sessionId)
  if not text then return false end
  local wish = lines(text)
  if tonumber(wish[1]) <= now then return false end
  if wish[2] ~= '' and wish[2] ~= userId then return false end
  revocations.forgetWish(sessionId)
  revocations.add(sessionId, node, tonumber(wish[1]))
  return true
end
