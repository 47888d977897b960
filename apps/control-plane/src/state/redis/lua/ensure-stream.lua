-- SharedState.ensureStream
local stream = request.stream
local assigned = streams.get(stream.path)
local node = assigned and assigned.node or request.node
if not node then return { 'none' } end
if not assigned and room.fullBudget(stream) then return { 'none' } end
local keepUntilMs = math.max(assigned and assigned.keepUntilMs or 0, now + (request.holdMs or stream.ttlMs))
streams.assign(stream, node, assigned and assigned.fence or streams.nextFence(), keepUntilMs)
return finish({ 'stream', streams.record(streams.get(stream.path)) })
