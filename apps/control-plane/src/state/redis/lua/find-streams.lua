-- SharedState.streams: one portion, and how far it went.
local PORTION = 1000
local index = 'streams-in-order'
if request.node then index = 'streams-of-node:' .. request.node end
if request.cameraId then index = 'streams-of-camera:' .. request.cameraId end
local paths = redis.call(
  'ZRANGEBYSCORE', PREFIX .. index, '(' .. int(request.after), '+inf', 'WITHSCORES', 'LIMIT', 0, PORTION
)
local found = {}
local upTo = request.after
for i = 1, #paths, 2 do
  upTo = tonumber(paths[i + 1])
  local path = paths[i]
  local fits = not (request.node and request.cameraId) or streams.get(path).node == request.node
  if fits then found[#found + 1] = streams.keptRecord(path) end
end
return { 'streams', found, int(upTo), #paths < 2 * PORTION and '1' or '0' }
