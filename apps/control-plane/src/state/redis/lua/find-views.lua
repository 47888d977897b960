-- SharedState.views: one portion, and how far it went.
local PORTION = 1000
local index, filters = 'views-in-order', {}
for _, one in ipairs({ { 'userId', 'views-of-user:' }, { 'cameraId', 'views-of-camera:' }, { 'node', 'views-on-node:' } }) do
  local wanted = request[one[1]]
  if wanted then
    index = one[2] .. wanted
    filters[#filters + 1] = one[1]
  end
end
-- With one filter or none the index has answered it already.
local function fits(text)
  if #filters < 2 then return true end
  local view = views.unpack(text)
  for _, name in ipairs(filters) do
    if view[name] ~= request[name] then return false end
  end
  return true
end

local ids = redis.call(
  'ZRANGEBYSCORE', PREFIX .. index, '(' .. int(request.after), '+inf', 'WITHSCORES', 'LIMIT', 0, PORTION
)
local found = {}
local upTo = request.after
for i = 1, #ids, 2 do
  if #found >= request.limit then break end
  upTo = tonumber(ids[i + 1])
  local text = redis.call('HGET', PREFIX .. 'views', ids[i])
  if text and fits(text) then found[#found + 1] = text end
end
return { 'views', found, int(upTo), #ids < 2 * PORTION and '1' or '0' }
