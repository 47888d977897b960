-- Joins the generation that there is, or begins one: when there is none, or when it has lost what this process had
-- an answer to, as after a restart from an old file, or a failover to a replica that was behind.
-- Its counters start at the clock and above all that this process has seen: what nodes and lists remember of an
-- earlier generation is below them.
-- KEYS[1]: the generation's key. ARGV: a new generation, now in ms, the highest fence and order of a view seen, and
-- the generation that they were seen in. Answers the generation, and the one that it has replaced.
local system = string.sub(KEYS[1], 1, -#'generation' - 1)
local fence, order = tonumber(ARGV[3]), tonumber(ARGV[4])

local function kept(generation, name)
  return tonumber(redis.call('GET', system .. generation .. ':' .. name) or '0')
end

local known = redis.call('GET', KEYS[1])
local isBehind = known == ARGV[5] and (kept(known, 'fence') < fence or kept(known, 'view-order') < order)
if known and not isBehind then return { known, '' } end
redis.call('SET', KEYS[1], ARGV[1])
local function start(name, at)
  redis.call('SET', system .. ARGV[1] .. ':' .. name, string.format('%.0f', math.max(tonumber(ARGV[2]), at)))
end
start('fence', fence)
start('view-order', order)
start('revocation-order', 0)
return { ARGV[1], known or '' }
