-- SharedState.view and endedView
local text = redis.call('HGET', PREFIX .. request.kept, request.sessionId)
return text and { 'view', text } or { 'none' }
