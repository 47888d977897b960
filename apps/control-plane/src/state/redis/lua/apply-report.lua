-- SharedState.applyReport. A caller that has applied the report before this one (`request.after`) sends what differs;
-- otherwise, and whenever in doubt, all. Strangers are sessions that the node names and that are no views here:
-- each report decides about them anew, so that their details are needed each time.
local node = request.nodeId
local isWhole = request.after == nil
local strangers = PREFIX .. 'strangers-on-node:' .. node
local seen = {}
for _, session in ipairs(request.sessions) do seen[session.sessionId] = true end

-- Which life of the node was last heard of, and its newest report.
local heard = redis.call('HGET', PREFIX .. 'heard-of-node', node)
heard = heard and lines(heard)
local knownEpoch = heard and heard[1]
if not heard and not request.adoptable then return { 'unknown' } end
if knownEpoch == request.epoch and request.seq <= tonumber(heard[2]) then return { 'old' } end

if isWhole then
  redis.call('DEL', strangers)
else
  if redis.call('HGET', PREFIX .. 'report-of-node', node) ~= request.after then return { 'send-all' } end
  local needed = {}
  for _, sessionId in ipairs(redis.call('SMEMBERS', strangers)) do
    if contains(request.gone, sessionId) then
      redis.call('SREM', strangers, sessionId)
    elseif not seen[sessionId] then
      needed[#needed + 1] = sessionId
    end
  end
  if #needed > 0 then return { 'send-also', needed } end
end

redis.call('HSET', PREFIX .. 'report-of-node', node, request.id)
redis.call('HSET', PREFIX .. 'heard-of-node', node, request.epoch .. '\n' .. int(request.seq))
redis.call('ZADD', PREFIX .. 'heard-in-order', int(now), node)
if request.running then redis.call('HSET', PREFIX .. 'running-on-node', node, request.running) end

-- What a node runs no more is over, as far as that node is concerned.
local lingering = redis.call('SMEMBERS', PREFIX .. 'lingering-on:' .. node)
if #lingering > 0 then
  local running = redis.call('HGET', PREFIX .. 'running-on-node', node) or ''
  for _, path in ipairs(lingering) do
    if not string.find(running, ' ' .. path .. ' ', 1, true) then streams.forgetLingering(path) end
  end
end

local connected, ended, unknown = {}, {}, {}

local function adoptStreams()
  local watched = {}
  for _, session in ipairs(request.sessions) do
    if not revocations.claims(session.sessionId, session.userId, node) then watched[session.path] = true end
  end
  for _, stream in ipairs(request.adoptable) do
    streams.sawFence(stream.fence)
    local assigned = streams.get(stream.path)
    local isNewer = not assigned or tonumber(assigned.fence) < stream.fence
    if isNewer and (not knownEpoch or watched[stream.path]) then
      if assigned and assigned.node ~= node then endAll(stream.path, 'node_lost', ended) end
      streams.assign(stream, node, int(stream.fence), now + stream.ttlMs)
    end
  end
end
if request.adoptable and #request.adoptable > 0 then adoptStreams() end

-- False when it is no view here, and none that may become one.
local function see(session)
  local view = views.get(session.sessionId)
  if view then
    if view.node ~= node then return false end
    local news = views.connect(view, session.protocol)
    connected[#connected + 1] = news and views.pack(news)
    return true
  end
  if revocations.claims(session.sessionId, session.userId, node) then
    wake(node)
    return false
  end
  local stream = streams.get(session.path)
  if not stream or stream.node ~= node then return false end
  local opened = views.open({
    sessionId = session.sessionId, userId = session.userId, cameraId = stream.cameraId, profile = stream.profile,
    path = stream.path, node = node, protocol = session.protocol,
    granted = session.protocol == 'webrtc' and 'webrtc,hls' or 'hls', state = 'connected',
    startedAt = session.connectedAt, connectBefore = int(now), counters = session.counters, tier = session.tier,
  })
  connected[#connected + 1] = views.pack(opened)
  return true
end

for _, session in ipairs(request.sessions) do
  if see(session) then
    redis.call('SREM', strangers, session.sessionId)
  else
    redis.call('SADD', strangers, session.sessionId)
    unknown[#unknown + 1] = session.sessionId
  end
end

-- Views on this node that it does not name: all of them, or those that it has just stopped naming, those it tells
-- the end of, and those that should have come by now.
local told = {}
for _, one in ipairs(request.ended) do told[one.sessionId] = one.reason end
local missing, isMissing = {}, {}
local function miss(view)
  if not view or view.node ~= node or seen[view.sessionId] or isMissing[view.sessionId] then return end
  isMissing[view.sessionId] = true
  missing[#missing + 1] = view
end
if isWhole then
  for _, view in ipairs(views.onNode(node)) do miss(view) end
else
  for _, sessionId in ipairs(request.gone) do miss(views.get(sessionId)) end
  for sessionId in pairs(told) do miss(views.get(sessionId)) end
  local granted = PREFIX .. 'granted-on-node:' .. node
  for _, sessionId in ipairs(redis.call('ZRANGEBYSCORE', granted, '-inf', int(now))) do
    miss(views.get(sessionId))
  end
  table.sort(missing, function(a, b) return tonumber(a.order) < tonumber(b.order) end)
end

local isNewLife = knownEpoch and knownEpoch ~= request.epoch
local function endMissing(view)
  local reason = told[view.sessionId]
  if reason then return endView(view, reason) end
  if view.state == 'connected' then return endView(view, isNewLife and 'node_lost' or 'viewer_silent') end
  if tonumber(view.connectBefore) <= now then
    return endView(view, 'never_connected', request.revokeLapsedUntilMs)
  end
end
for _, view in ipairs(missing) do
  ended[#ended + 1] = endMissing(view)
  redis.call('SREM', strangers, view.sessionId)
end
return finish({ 'applied', connected, ended, unknown })
