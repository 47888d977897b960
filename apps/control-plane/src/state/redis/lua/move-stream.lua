-- SharedState.moveStream
local stream = streams.get(request.path)
if not stream or stream.fence ~= int(request.fence) then return { 'none' } end
local make = request.make
local keeps = make and room.bearsTwice(make.budgets, stream)
if keeps then streams.linger(stream, make.untilMs) end
streams.change(stream, { node = request.to, fence = streams.nextFence() })
local ended, kept = {}, {}
if not keeps then endAll(request.path, request.reason, ended) end
streams.change(streams.get(request.path), { keepUntilMs = now + request.holdMs })
for i, view in ipairs(views.onPath(request.path)) do kept[i] = views.pack(view) end
return finish({ 'moved', streams.record(streams.get(request.path)), ended, kept })
