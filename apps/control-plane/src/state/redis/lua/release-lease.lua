-- ProcessBoard.releaseLease
local text = redis.call('HGET', PREFIX .. 'leases', request.name)
if text and lines(text)[1] == request.owner then redis.call('HDEL', PREFIX .. 'leases', request.name) end
return { 'released' }
