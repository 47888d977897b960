-- SharedState.nodeState
local node = request.nodeId
if redis.call('HEXISTS', PREFIX .. 'heard-of-node', node) == 0 then return { 'none' } end
local found, revoked = {}, {}
for i, path in ipairs(redis.call('ZRANGE', PREFIX .. 'streams-of-node:' .. node, 0, -1)) do
  found[i] = streams.keptRecord(path)
end
for _, sessionId in ipairs(
  redis.call('ZRANGEBYSCORE', PREFIX .. 'revoked-on-node:' .. node, '(' .. int(request.since), '+inf')
) do
  local untilMs = string.match(redis.call('HGET', PREFIX .. 'revoked', sessionId), '^%d+')
  if tonumber(untilMs) > now then revoked[#revoked + 1] = sessionId .. '\n' .. untilMs end
end
return { 'share', found, revoked, redis.call('GET', PREFIX .. 'revocation-order') }
