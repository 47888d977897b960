-- SharedState.sweep. What has run out is taken in portions, so that no sweep holds up a start for long.
local REVOCATION_SWEEP_MS = 60000
local FORGET_NODE_MS = 24 * 3600 * 1000
local PORTION = 1000

local function due(name, untilMs)
  return redis.call('ZRANGEBYSCORE', PREFIX .. name, '-inf', int(untilMs), 'LIMIT', 0, PORTION)
end

if now - tonumber(redis.call('GET', PREFIX .. 'revocations-swept') or '0') >= REVOCATION_SWEEP_MS then
  local revoked, wishes = due('revoked-until', now), due('wishes-until', now)
  for _, sessionId in ipairs(revoked) do revocations.forget(sessionId) end
  for _, sessionId in ipairs(wishes) do revocations.forgetWish(sessionId) end
  if #revoked < PORTION and #wishes < PORTION then redis.call('SET', PREFIX .. 'revocations-swept', int(now)) end
end
for _, path in ipairs(due('lingering-until', now)) do streams.forgetLingering(path) end
for _, node in ipairs(due('heard-in-order', now - FORGET_NODE_MS)) do
  redis.call('ZREM', PREFIX .. 'heard-in-order', node)
  for _, name in ipairs({ 'heard-of-node', 'report-of-node', 'running-on-node' }) do
    redis.call('HDEL', PREFIX .. name, node)
  end
  redis.call('DEL', PREFIX .. 'strangers-on-node:' .. node)
end
for _, path in ipairs(due('idle', now)) do streams.drop(path) end
local nextIdle = redis.call('ZRANGE', PREFIX .. 'idle', 0, 0, 'WITHSCORES')
return finish({ 'swept', nextIdle[2] and int(tonumber(nextIdle[2])) or 'never' })
