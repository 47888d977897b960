-- What the end of views means for the streams that they watched.
local function endAll(path, reason, into)
  for _, view in ipairs(views.onPath(path)) do
    into[#into + 1] = views.close(view, reason)
  end
end

-- Ends one view; the last of an on-demand stream starts its time to live, none at all when that is 0.
local function endView(view, reason, revokeUntilMs)
  local packed = views.close(view, reason)
  if revokeUntilMs then
    revocations.add(view.sessionId, view.node, revokeUntilMs)
    wake(view.node)
  end
  local stream = streams.get(view.path)
  if stream and streams.viewCount(view.path) == 0 then
    streams.change(stream, { keepUntilMs = now + stream.ttlMs })
    if stream.ttlMs == 0 and not stream.alwaysOn then streams.drop(view.path) end
  end
  return packed
end
