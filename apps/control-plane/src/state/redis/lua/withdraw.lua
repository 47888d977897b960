-- ProcessBoard.withdraw
for _, key in ipairs(request.keys) do redis.call('HDEL', PREFIX .. 'announced', key) end
return { 'withdrawn' }
