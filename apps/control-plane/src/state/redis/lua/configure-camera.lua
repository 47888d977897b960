-- SharedState.configureCamera
local ended = {}
for _, stream in ipairs(streams.ofCamera(request.cameraId)) do
  if contains(request.paths, stream.path) then
    local untilMs = now + request.ttlMs
    streams.change(stream, {
      ttlMs = request.ttlMs,
      alwaysOn = request.alwaysOn and not contains(request.onDemand, stream.path),
      keepUntilMs = stream.alwaysOn and untilMs or math.min(stream.keepUntilMs, untilMs),
    })
    wake(stream.node)
  else
    endAll(stream.path, 'stream_dropped', ended)
    streams.drop(stream.path)
  end
end
return finish({ 'configured', ended })
