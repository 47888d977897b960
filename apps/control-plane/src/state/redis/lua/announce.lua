-- ProcessBoard.announce
for _, own in ipairs(request.own) do
  redis.call('HSET', PREFIX .. 'announced', own.key, int(request.untilMs) .. '\n' .. own.value)
end
local found = {}
local all = redis.call('HGETALL', PREFIX .. 'announced')
for i = 1, #all, 2 do
  local untilMs, value = string.match(all[i + 1], '^(%d+)\n(.*)$')
  if tonumber(untilMs) <= now then
    redis.call('HDEL', PREFIX .. 'announced', all[i])
  else
    found[#found + 1] = { all[i], value }
  end
end
return { 'announced', found }
