-- SharedState.openView
local scopedKey = request.idempotencyKey
local repeated = scopedKey and redis.call('HGET', PREFIX .. 'idempotency-keys', scopedKey)
local view = repeated and views.get(repeated)
if view and room.isUsable(view.node) and streams.get(view.path) then
  return { 'repeated', views.pack(view), streams.record(streams.get(view.path)) }
end

-- The first of what stood in the way of each offer that was tried.
local function firstFull(attempts)
  local found = {}
  for _, attempt in ipairs(attempts) do
    found[#found + 1] = attempt.full[1] and attempt.full[1].packed
  end
  return found
end

-- Protocols of the same stream from this offer on.
local function grantedFrom(index)
  local granted = {}
  for i = index, #request.offers do
    local offer = request.offers[i]
    if offer.stream.path == request.offers[index].stream.path then granted[#granted + 1] = offer.protocol end
  end
  return table.concat(granted, ',')
end

local function fenceOn(path, node)
  local before = streams.get(path)
  return before and before.node == node and before.fence or streams.nextFence()
end

local function open(attempt, full, ended)
  local node, offer, stream = attempt.node, attempt.offer, attempt.offer.stream
  local assigned = streams.get(stream.path)
  local stays = assigned and assigned.node == node
  local left = {}
  if assigned and not stays then endAll(stream.path, 'node_lost', left) end
  for _, needed in ipairs(room.toPull(offer)) do
    if needed.path ~= stream.path then
      streams.assign(needed, node, fenceOn(needed.path, node), now + needed.ttlMs)
    end
  end
  streams.assign(stream, node, fenceOn(stream.path, node), now + stream.ttlMs, true)
  local counters = {}
  for i, counter in ipairs(request.counters) do counters[i] = counter.key end
  local opened = views.open({
    sessionId = request.sessionId, userId = request.userId, cameraId = stream.cameraId, profile = stream.profile,
    path = stream.path, node = node, protocol = offer.protocol, granted = grantedFrom(attempt.index),
    state = 'granted', startedAt = int(now), connectBefore = int(request.connectBeforeMs), counters = counters,
    tier = request.tier,
  }, scopedKey)
  for _, one in ipairs(ended) do left[#left + 1] = one end
  local record = streams.record(streams.get(stream.path))
  return finish({ 'opened', views.pack(opened), record, stays and '0' or '1', full, left })
end

local attempts = {}
for index, offer in ipairs(request.offers) do
  local node = room.nodeFor(offer)
  if not node then return finish({ 'unplaced' }) end
  local attempt = { offer = offer, index = index, node = node, full = room.fullLimits(offer, node) }
  if #attempt.full == 0 then return open(attempt, firstFull(attempts), {}) end
  if request.makesRoom and room.makeRoom(attempt.full) then return finish({ 'making-room' }) end
  attempts[#attempts + 1] = attempt
end

for _, attempt in ipairs(request.preempts and attempts or {}) do
  local victims = room.victims(attempt.full)
  if victims then
    local ended = {}
    for _, victim in ipairs(victims) do
      ended[#ended + 1] = endView(victim, 'preempted', request.revokeUntilMs)
    end
    return open(attempt, firstFull(attempts), ended)
  end
end
return { 'full', firstFull(attempts) }
