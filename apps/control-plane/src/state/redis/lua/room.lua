-- Whether there is room for an offer, and what would make some: room.ts over Redis.
-- `request.nodes`: groups of nodes with the same limits, their names between blanks; `request.ranking` likewise.
local room = {}

local function limitsOf(node)
  for _, group in ipairs(request.nodes) do
    if string.find(group.names, ' ' .. node .. ' ', 1, true) then return group.limits end
  end
  return nil
end

function room.isUsable(node)
  return limitsOf(node) ~= nil
end

local function nodeHasRoom(node, protocol)
  local limits = limitsOf(node)
  return views.countUnder('node ' .. node .. ' ' .. protocol) < (limits and limits[protocol] or 0)
end

-- Where it runs, or what it is made of; else the first of the ranking that has room for it, else simply the first.
function room.nodeFor(offer)
  local assigned = streams.get(offer.stream.path)
  if assigned and room.isUsable(assigned.node) then return assigned.node end
  local parent = offer.parent and streams.get(offer.parent.path)
  if parent and room.isUsable(parent.node) then return parent.node end
  for node in string.gmatch(request.ranking, '%S+') do
    if nodeHasRoom(node, offer.protocol) then return node end
  end
  return string.match(request.ranking, '%S+')
end

-- Of an offer, what does not run yet on a node that may carry it.
function room.toPull(offer)
  local found = {}
  for _, stream in ipairs(offer.parent and { offer.parent, offer.stream } or { offer.stream }) do
    local assigned = streams.get(stream.path)
    if not assigned or not room.isUsable(assigned.node) then found[#found + 1] = stream end
  end
  return found
end

-- Whether every budget has room for one more pull of what runs already.
function room.bearsTwice(budgets, stream)
  for _, budget in ipairs(budgets) do
    if contains(stream.budgets, budget.key) and streams.pulls(budget.key) >= budget.max then return false end
  end
  return true
end

-- The first budget that has no room for one more pull.
function room.fullBudget(stream)
  local assigned = streams.get(stream.path)
  for _, budget in ipairs(request.budgets) do
    -- What moves from a lost node counts already.
    local isCounted = assigned and contains(assigned.budgets, budget.key)
    if contains(stream.budgets, budget.key) and not isCounted and streams.pulls(budget.key) >= budget.max then
      return budget
    end
  end
  return nil
end

-- All that stand in the way, the nearest first.
function room.fullLimits(offer, node)
  local found = {}
  local protocol, cameraId = offer.protocol, offer.stream.cameraId
  local function full(limit, key, counter)
    found[#found + 1] = {
      limit = limit, key = key, counter = counter,
      packed = table.concat({ protocol, offer.stream.profile, limit, key }, '\n'),
    }
  end
  local onCamera = 'camera ' .. cameraId .. ' ' .. protocol
  if views.countUnder(onCamera) >= (request.cameraLimits[protocol] or 0) then full('camera', cameraId, onCamera) end
  if not nodeHasRoom(node, protocol) then full('node', node, 'node ' .. node .. ' ' .. protocol) end
  for _, counter in ipairs(request.counters) do
    if views.countUnder(counter.key) >= counter.max then full(counter.limit, counter.key, counter.key) end
  end
  for _, needed in ipairs(room.toPull(offer)) do
    local budget = room.fullBudget(needed)
    if budget then full(budget.limit, budget.key) end
  end
  return found
end

local function isIdle(stream)
  if stream.alwaysOn or streams.viewCount(stream.path) > 0 then return false end
  -- What others of the camera are made of is watched through them.
  for _, other in ipairs(streams.ofCamera(stream.cameraId)) do
    if #other.budgets == 0 and streams.viewCount(other.path) > 0 then return false end
  end
  return true
end

local function firstIdle(budget)
  local first
  for _, path in ipairs(redis.call('ZRANGE', PREFIX .. 'budget:' .. budget, 0, -1)) do
    local stream = streams.get(path)
    if stream and isIdle(stream) and (not first or stream.keepUntilMs < first.keepUntilMs) then first = stream end
  end
  return first
end

-- Drops what nobody watches where that alone stands in the way. False when it would not help.
function room.makeRoom(full)
  local idle = {}
  for _, one in ipairs(full) do
    if one.limit ~= 'device' and one.limit ~= 'site' then return false end
    if not streams.isLingering(one.key) then
      local first = firstIdle(one.key)
      if not first then return false end
      idle[#idle + 1] = first.path
    end
  end
  for _, path in ipairs(idle) do streams.drop(path) end
  return true
end

-- Less important views whose end would make room; nil when there are not enough of them.
function room.victims(full)
  local victims, isVictim = {}, {}
  for _, one in ipairs(full) do
    if contains({ 'device', 'site', 'user', 'token' }, one.limit) then return nil end
    local victim = views.leastImportant(one.counter)
    if not victim or victim.tier <= request.tier then return nil end
    if not isVictim[victim.sessionId] then
      isVictim[victim.sessionId] = true
      victims[#victims + 1] = victim
    end
  end
  return victims
end
