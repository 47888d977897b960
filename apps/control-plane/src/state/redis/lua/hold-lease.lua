-- ProcessBoard.holdLease
local text = redis.call('HGET', PREFIX .. 'leases', request.name)
local held = text and lines(text)
if held and held[1] ~= request.owner and tonumber(held[2]) > now then return { 'held', held[1] } end
redis.call('HSET', PREFIX .. 'leases', request.name, request.owner .. '\n' .. int(request.untilMs))
return { 'held', request.owner }
